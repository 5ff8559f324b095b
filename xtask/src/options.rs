//! What is given to a task that makes something of any size: `PLACE [NAME=N…]`.

/// A task and its arguments.
pub struct Task<'t> {
    /// As it is called: `generate DIRECTORY`.
    pub usage: &'t str,
    /// What it makes, in one sentence.
    pub about: &'t str,
    /// Each number by its name.
    pub numbers: Vec<(&'static str, &'t mut u64)>,
}

impl Task<'_> {
    /// Reads the arguments and sets the numbers; gives the place, or nothing where help was asked for,
    /// which is then printed.
    ///
    /// # Errors
    /// When there is no place, or something is no number of the task's.
    pub fn read(mut self, arguments: &[String]) -> Result<Option<&str>, String> {
        let asks = |one: &String| matches!(one.as_str(), "-h" | "--help" | "help");
        if arguments.iter().any(asks) {
            print!("{}", self.help());
            return Ok(None);
        }
        let Some((place, options)) = arguments.split_first() else {
            return Err(format!("nothing is named\n\n{}", self.help()));
        };
        if place.starts_with('-') || place.contains('=') {
            return Err(format!("`{place}` is no place for it\n\n{}", self.help()));
        }
        for option in options {
            self.set(option)?;
        }
        Ok(Some(place))
    }

    /// What is printed to whoever asks.
    fn help(&self) -> String {
        let numbers = self.numbers.iter();
        let numbers: String = numbers
            .map(|(name, usual)| format!("  {name}=N  ({usual})\n"))
            .collect();
        format!(
            "{}\n\nUsage: cargo xtask {} [NAME=N…]\n\n{numbers}",
            self.about, self.usage
        )
    }

    fn set(&mut self, option: &str) -> Result<(), String> {
        let (name, value) = option
            .split_once('=')
            .ok_or_else(|| format!("`{option}` is not NAME=N"))?;
        let known: Vec<&str> = self.numbers.iter().map(|(name, _)| *name).collect();
        let unknown = format!("`{name}` is none of {}", known.join(", "));
        let mut numbers = self.numbers.iter_mut();
        let (_, place) = numbers.find(|(own, _)| *own == name).ok_or(unknown)?;
        **place = value
            .parse()
            .map_err(|_| format!("`{value}` is not a number"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arguments: &[&str], expected: Result<(Option<&str>, u64), &str>) {
        let mut seed = 1;
        let arguments: Vec<String> = arguments.iter().map(|&one| one.to_owned()).collect();
        let task = Task {
            usage: "make DIRECTORY",
            about: "Makes it.",
            numbers: vec![("seed", &mut seed)],
        };
        let found = task.read(&arguments);
        match (found, expected) {
            (Ok(place), Ok((expected, number))) => assert_eq!((place, seed), (expected, number)),
            (Err(why), Err(part)) => assert!(why.contains(part), "{why}"),
            (found, _) => panic!("{arguments:?}: {found:?}"),
        }
    }

    #[test]
    fn places_numbers_and_help() {
        check(&["out"], Ok((Some("out"), 1)));
        check(&["out", "seed=7"], Ok((Some("out"), 7)));
        check(&["--help"], Ok((None, 1)));
        check(&["out", "--help"], Ok((None, 1)));
        check(&[], Err("Usage: cargo xtask make DIRECTORY"));
        check(&["--out"], Err("no place"));
        check(&["seed=7"], Err("no place"));
        check(&["out", "seed"], Err("not NAME=N"));
        check(&["out", "sed=7"], Err("none of seed"));
        check(&["out", "seed=x"], Err("not a number"));
    }
}
