//! Where log lines go: to stderr, by a thread that writes what has gathered since it last did. A line per request would
//! otherwise be a system call per request, an eighth of what a small answer costs.
//!
//! A warning or worse is written at once, with all that waits before it. So what a crash can take along are the lines of
//! its last [`PAUSE`] that tell of nothing wrong.

use std::{
    fmt,
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use jiff::Timestamp;
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::{MakeWriter, format::Writer, time::FormatTime};

/// How long a line waits for others.
const PAUSE: Duration = Duration::from_millis(20);
/// With so many bytes waiting, whoever logs writes.
const ROOM: usize = 256 * 1024;

/// Lines on their way to an output.
#[derive(Clone)]
pub struct Log(Arc<Lines>);

struct Lines {
    waiting: Mutex<Vec<u8>>,
    arrived: Condvar,
    /// Held while writing, so that lines keep their order.
    output: Mutex<Box<dyn Write + Send>>,
}

impl Log {
    /// Fails if no thread can be started.
    pub fn to(output: impl Write + Send + 'static) -> io::Result<Log> {
        let output = Mutex::new(Box::new(output) as Box<_>);
        let lines = Arc::new(Lines { waiting: Mutex::default(), arrived: Condvar::new(), output });
        let log = Log(lines.clone());
        thread::Builder::new().name("log".to_owned()).spawn(move || {
            loop {
                lines.wait();
                thread::sleep(PAUSE);
                lines.write_out();
            }
        })?;
        Ok(log)
    }

    /// Writes what waits, to be called before the program ends.
    pub fn write_out(&self) {
        self.0.write_out();
    }
}

/// One line, or a part of it.
pub struct Line<'l> {
    lines: &'l Lines,
    urgent: bool,
}

impl<'l> MakeWriter<'l> for Log {
    type Writer = Line<'l>;

    fn make_writer(&'l self) -> Line<'l> {
        Line { lines: &self.0, urgent: true }
    }

    fn make_writer_for(&'l self, about: &Metadata<'_>) -> Line<'l> {
        Line { lines: &self.0, urgent: *about.level() <= Level::WARN }
    }
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.add(line);
        if self.urgent {
            self.lines.write_out();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Until something is there to be written.
    fn wait(&self) {
        let waiting = lock(&self.waiting);
        drop(self.arrived.wait_while(waiting, |waiting| waiting.is_empty()).unwrap_or_else(PoisonError::into_inner));
    }

    /// Once nobody reads the log any more, there is no place left to complain.
    fn write_out(&self) {
        let mut output = lock(&self.output);
        let lines = std::mem::take(&mut *lock(&self.waiting));
        let _ = output.write_all(&lines).and_then(|()| output.flush());
    }

    fn add(&self, line: &[u8]) {
        let mut waiting = lock(&self.waiting);
        if waiting.is_empty() {
            self.arrived.notify_one();
        }
        waiting.extend_from_slice(line);
        let full = waiting.len() > ROOM;
        drop(waiting);
        if full {
            self.write_out();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The time of a line, to the microsecond.
pub struct Clock;

impl FormatTime for Clock {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        fmt::Write::write_fmt(writer, format_args!("{:.6}", Timestamp::now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            lock(&self.0).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_wrong_is_written_at_once_behind_what_came_before() {
        let output = Output::default();
        let log = Log::to(output.clone()).unwrap();
        let subscriber = tracing_subscriber::fmt().with_writer(log).without_time().with_ansi(false).finish();
        tracing::subscriber::with_default(subscriber, || {
            for number in 0..3 {
                tracing::info!(number, "fine");
            }
            tracing::warn!("odd");
        });
        let written = String::from_utf8(lock(&output.0).clone()).unwrap();
        let lines: Vec<&str> = written.lines().map(|line| line.rsplit("tests: ").next().unwrap_or_default()).collect();
        assert_eq!(lines, ["fine number=0", "fine number=1", "fine number=2", "odd"]);
    }

    #[test]
    fn other_lines_are_written_soon() {
        let output = Output::default();
        let log = Log::to(output.clone()).unwrap();
        log.0.add(b"a line\n");
        let started = std::time::Instant::now();
        while lock(&output.0).is_empty() {
            assert!(started.elapsed() < Duration::from_secs(10), "it was never written");
            thread::sleep(PAUSE);
        }
        assert_eq!(*lock(&output.0), b"a line\n");
    }
}
