//! Plays histories of seeds, and says what did not hold.

use std::process::ExitCode;

use races::asked::Asked;

fn main() -> ExitCode {
    match Asked::read(std::env::args().skip(1)) {
        Ok(asked) => asked.run(),
        Err(trouble) => {
            eprintln!("races: {trouble}");
            ExitCode::FAILURE
        }
    }
}
