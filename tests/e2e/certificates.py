"""Certificates for the payments world, issued by a private authority with the openssl command."""
import base64
import datetime
import os
import subprocess

CONFIG = """[ca]
default_ca = e2e
[e2e]
new_certs_dir = {folder}
database = {folder}/index.txt
serial = {folder}/serial
default_md = sha256
policy = any
x509_extensions = leaf
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = {san}
"""


class Authority:
    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        open(self.file("index.txt"), "w", encoding="ascii").close()
        with open(self.file("serial"), "w", encoding="ascii") as serial:
            serial.write("1000\n")
        self.key("authority")
        self.openssl("req", "-x509", "-new", "-key", self.file("authority.key"), "-subj", "/CN=Interview Catalog Issuing CA", "-days", "3650",
                     "-out", self.file("authority.crt"), "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def file(self, name):
        return os.path.join(self.folder, name)

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"openssl {' '.join(arguments)}: {done.stderr.strip()}")

    def key(self, name):
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.file(name + ".key"))

    def issue(self, name, host, start=-1.0, end=180.0):
        """PEM texts (chain, key) for a DNS name, valid from `start` to `end` days from now."""
        config = self.file(name + ".cnf")
        with open(config, "w", encoding="ascii") as file:
            file.write(CONFIG.format(folder=self.folder, san="DNS:" + host))
        self.key(name)
        self.openssl("req", "-new", "-key", self.file(name + ".key"), "-subj", f"/CN={host}", "-out", self.file(name + ".csr"))
        self.openssl("ca", "-batch", "-notext", "-config", config, "-keyfile", self.file("authority.key"), "-cert", self.file("authority.crt"),
                     "-startdate", date(start), "-enddate", date(end), "-in", self.file(name + ".csr"), "-out", self.file(name + ".crt"))
        chain = [open(self.file(f + ".crt"), encoding="ascii").read() for f in (name, "authority")]
        return "".join(chain), open(self.file(name + ".key"), encoding="ascii").read()


def date(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


def base64_of(text):
    return base64.b64encode(text.encode()).decode()
