//! Plays histories of seeds, and says what did not hold.

use std::process::ExitCode;

use races::asked::{Asked, usage};

fn main() -> ExitCode {
    if std::env::args().skip(1).any(|word| word == "--help" || word == "-h") {
        print!("{}", usage());
        return ExitCode::SUCCESS;
    }
    match Asked::read(std::env::args().skip(1)) {
        Ok(asked) => asked.run(),
        Err(trouble) => {
            eprintln!("races: {trouble}");
            ExitCode::FAILURE
        }
    }
}
