//! `nixfmt [--check] FILE...`: formats Nix files in place, or with --check prints the files that are not formatted.
//! Exit status: 0 every file is formatted; 1 a file cannot be parsed, or with --check is not formatted; 2 the command
//! line is wrong.

use alejandra::format::{in_memory, Status};
use std::{env, fs, process::exit};

fn main() {
    let (options, files): (Vec<String>, Vec<String>) =
        env::args().skip(1).partition(|word| word.starts_with("--"));
    let check = match options.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--check"] => true,
        _ => {
            eprintln!("nixfmt: expected [--check] FILE..., found {}", options.join(" "));
            exit(2);
        }
    };
    let mut bad = false;
    for file in files {
        let result = fs::read_to_string(&file).map_err(|error| error.to_string()).and_then(|text| {
            match in_memory(file.clone(), text) {
                (Status::Error(why), _) => Err(why),
                (Status::Changed(true), _) if check => Err("not formatted; run: scripts/check --fix".to_string()),
                (Status::Changed(true), new) => fs::write(&file, new).map_err(|error| error.to_string()),
                (Status::Changed(false), _) => Ok(()),
            }
        });
        if let Err(why) = result {
            eprintln!("{file}: {why}");
            bad = true;
        }
    }
    exit(i32::from(bad));
}
