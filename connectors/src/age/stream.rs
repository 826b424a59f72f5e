//! The body: chunks of 64 KiB, each sealed under its number, the last of them marked (STREAM).

use std::io::{self, Write};

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, Nonce};
use zeroize::{Zeroize as _, Zeroizing};

/// Bytes of a chunk before they are sealed.
const CHUNK_BYTES: usize = 64 * 1024;

/// Encrypts what is written into it.
pub struct Encrypted<W> {
    output: W,
    cipher: ChaCha20Poly1305,
    chunk: Zeroizing<Vec<u8>>,
    number: u64,
}

impl<W: Write> Encrypted<W> {
    pub(super) fn new(output: W, key: &[u8; 32]) -> Self {
        let chunk = Zeroizing::new(Vec::with_capacity(CHUNK_BYTES + 16));
        Self { output, cipher: ChaCha20Poly1305::new(key.into()), chunk, number: 0 }
    }

    /// Seals the last chunk, without which the file is cut short.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.output.flush()?;
        Ok(self.output)
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        // Eleven bytes of number, big-endian, and the mark.
        let mut nonce = [0; 12];
        for (byte, value) in nonce.iter_mut().skip(3).zip(self.number.to_be_bytes()) {
            *byte = value;
        }
        if let Some(mark) = nonce.last_mut() {
            *mark = u8::from(last);
        }
        let sealed = self.cipher.encrypt_in_place(&Nonce::from(nonce), b"", &mut *self.chunk);
        sealed.map_err(|_| io::Error::other("a chunk could not be encrypted"))?;
        self.output.write_all(&self.chunk)?;
        self.chunk.zeroize();
        self.chunk.clear();
        self.number += 1;
        Ok(())
    }
}

impl<W: Write> Write for Encrypted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits: it may be the last.
        if self.chunk.len() == CHUNK_BYTES && !bytes.is_empty() {
            self.seal(false)?;
        }
        let room = CHUNK_BYTES - self.chunk.len();
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.chunk.extend_from_slice(taken);
        Ok(taken.len())
    }

    /// What is not a whole chunk waits for [`finish`](Self::finish).
    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}
