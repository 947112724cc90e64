//! DTMF tones of ITU-T Q.23: detection (Q.24) by Goertzel filters, generation.

pub mod detect;
pub mod generate;

/// Low group: the rows of the keypad, Hz.
pub const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
/// High group: the columns, Hz.
pub const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
const KEYS: [[char; 4]; 4] =
    [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];

/// Row and column of a digit.
pub fn position(digit: char) -> Option<(usize, usize)> {
    let digit = digit.to_ascii_uppercase();
    (0..4)
        .flat_map(|row| (0..4).map(move |column| (row, column)))
        .find(|(row, column)| KEYS[*row][*column] == digit)
}
