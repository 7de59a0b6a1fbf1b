#pragma once
// What every verb does with its diagnoses: print them in the format asked for, and choose the exit code.

#include <string>
#include <vector>

#include "cmd/options.h"
#include "kube/error.h"
#include "report/diagnosis.h"

namespace gwdoctor {

// Prints one Diagnosis, or for `list` a DiagnosisList, to standard output.
void print_diagnoses(const std::vector<Diagnosis>& diagnoses, bool list, const Options& options);

// The exit code of the contract; it never depends on the format.
[[nodiscard]] Exit exit_code(const std::vector<Diagnosis>& diagnoses, FailOn fail_on);

// Prints an error to standard error and gives its exit code.
Exit report_error(const Error& error);

// Writes to standard output. What cannot be written is remembered for output_problem().
void print_text(const std::string& text);

// Writes a line to standard error. A terminal or file that is gone is no reason to stop.
void print_error(const std::string& line);

// The errno of the first report that could not be written, or 0. A reader that went away (`| head`) is none.
[[nodiscard]] int output_problem();

}  // namespace gwdoctor
