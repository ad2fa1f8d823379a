//! Rules of faults that count requests.

/// Whether a rule hits this request: it lets `after` of them through first and hits so many `times`; none hits all.
pub fn hits(after: &mut u32, times: &mut Option<u32>) -> bool {
    if *after > 0 {
        *after -= 1;
        return false;
    }
    match times {
        None => true,
        Some(0) => false,
        Some(left) => {
            *left -= 1;
            true
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_rule_waits_hits_and_heals() {
        let (mut after, mut times) = (2, Some(2));
        let hit: Vec<bool> = (0..6).map(|_| super::hits(&mut after, &mut times)).collect();
        assert_eq!(hit, [false, false, true, true, false, false]);
        assert!((0..9).all(|_| super::hits(&mut 0, &mut None)));
    }
}
