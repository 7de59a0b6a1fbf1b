#include "cmd/run.h"

int main(int argc, char** argv) { return gwdoctor::run({argv + (argc > 0 ? 1 : 0), argv + argc}); }
