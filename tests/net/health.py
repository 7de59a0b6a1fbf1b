"""A gRPC server of HTTP/2 alone, for its health check. Apart from servers.py, which needs no python3-h2."""

import struct

import h2.config
import h2.connection
import h2.events

from servers import Listener


def health_server(reply, context=None):
    """A gRPC server of HTTP/2 alone: `reply` is the message of its health check, or None for UNIMPLEMENTED."""

    def serve(client):
        stream = context.wrap_socket(client.connection, server_side=True) if context else client.connection
        session = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        session.initiate_connection()
        stream.sendall(session.data_to_send())
        while data := stream.recv(65536):
            for event in session.receive_data(data):
                if not isinstance(event, h2.events.StreamEnded):
                    continue
                head = [(":status", "200"), ("content-type", "application/grpc")]
                if reply is None:
                    head += [("grpc-status", "12"), ("grpc-message", "unknown%20service")]
                    session.send_headers(event.stream_id, head, end_stream=True)
                else:
                    session.send_headers(event.stream_id, head)
                    session.send_data(event.stream_id, b"\0" + struct.pack(">I", len(reply)) + reply)
                    session.send_headers(event.stream_id, [("grpc-status", "0")], end_stream=True)
            stream.sendall(session.data_to_send())

    return Listener(serve)
