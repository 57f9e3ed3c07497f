//! As much protobuf as the requests need: texts, numbers and messages behind their field numbers, framed for gRPC.

#[derive(Debug, Default)]
pub struct Message(Vec<u8>);

impl Message {
    pub fn text(self, number: u8, text: &str) -> Message {
        self.bytes(number, text.as_bytes())
    }

    pub fn message(self, number: u8, message: &Message) -> Message {
        self.bytes(number, &message.0)
    }

    pub fn number(mut self, number: u8, value: usize) -> Message {
        self.0.push(number << 3);
        self.varint(value);
        self
    }

    fn bytes(mut self, number: u8, bytes: &[u8]) -> Message {
        self.0.push(number << 3 | 2);
        self.varint(bytes.len());
        self.0.extend_from_slice(bytes);
        self
    }

    fn varint(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// Uncompressed, with its length in front.
    pub fn framed(self) -> Vec<u8> {
        let length = (self.0.len() as u32).to_be_bytes();
        [&[0], &length[..], &self.0].concat()
    }
}
