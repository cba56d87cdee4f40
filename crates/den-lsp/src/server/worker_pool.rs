//! Threads for reading.
//!
//! They are our own, not tokio's: tokio reads and writes the streams on its blocking pool, and analysis
//! there would starve them. Their stacks are large because trees and evaluation recurse. What somebody
//! waits for goes first, and the rest never takes the last free thread.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// A piece of work.
pub(crate) type Task = Box<dyn FnOnce() + Send>;

/// How soon a task is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Somebody looks at the screen and waits.
    Now,
    /// Whenever there is time.
    Later,
}

/// The threads; they end when it is dropped and nothing is left to do.
pub(crate) struct WorkerPool {
    shared: Arc<Shared>,
    threads: usize,
}

struct Shared {
    queues: Mutex<Queues>,
    ready: Condvar,
}

#[derive(Default)]
struct Queues {
    now: VecDeque<Task>,
    later: VecDeque<Task>,
    /// How many threads work on something from `later`.
    busy_later: usize,
    /// How many may.
    most_later: usize,
    closed: bool,
}

impl WorkerPool {
    /// Starts up to `threads` threads; fewer if the operating system refuses.
    pub(crate) fn new(threads: usize) -> WorkerPool {
        let queues = Queues { most_later: threads.saturating_sub(1).max(1), ..Queues::default() };
        let shared = Arc::new(Shared { queues: Mutex::new(queues), ready: Condvar::new() });
        let spawn = |index| {
            let shared = shared.clone();
            let builder = std::thread::Builder::new().name(format!("worker-{index}")).stack_size(den_ide::BIG_STACK);
            builder.spawn(move || shared.work()).is_ok()
        };
        let threads = (0..threads).filter(|index| spawn(*index)).count();
        WorkerPool { shared, threads }
    }

    /// How many threads there are.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// Puts a task at the end of its lane.
    pub(crate) fn spawn(&self, lane: Lane, task: Task) {
        let mut queues = self.shared.lock();
        match lane {
            Lane::Now => queues.now.push_back(task),
            Lane::Later => queues.later.push_back(task),
        }
        drop(queues);
        self.shared.ready.notify_one();
    }
}

impl Drop for WorkerPool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.ready.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some((lane, task)) = self.next() {
            // Whoever makes a task catches its panics; this is for the threads' lives.
            if crate::crash::catch(task).is_err() {
                tracing::error!("a task panicked outside its guard");
            }
            if lane == Lane::Later {
                self.lock().busy_later -= 1;
                self.ready.notify_one();
            }
        }
    }

    fn next(&self) -> Option<(Lane, Task)> {
        let mut queues = self.lock();
        loop {
            if let Some(task) = queues.now.pop_front() {
                return Some((Lane::Now, task));
            }
            if queues.busy_later < queues.most_later
                && let Some(task) = queues.later.pop_front()
            {
                queues.busy_later += 1;
                return Some((Lane::Later, task));
            }
            if queues.closed {
                return None;
            }
            queues = self.ready.wait(queues).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn background_work_leaves_a_thread_free() {
        let pool = WorkerPool::new(2);
        let (release, blocked) = channel::<()>();
        let blocked = Arc::new(Mutex::new(blocked));
        for _ in 0..8 {
            let blocked = blocked.clone();
            pool.spawn(Lane::Later, Box::new(move || drop(blocked.lock().map(|it| it.recv()))));
        }
        let (done, answer) = channel();
        pool.spawn(Lane::Now, Box::new(move || done.send(7).unwrap()));
        assert_eq!(answer.recv(), Ok(7));
        drop(release);
    }

    #[test]
    fn a_panic_does_not_end_a_thread() {
        crate::crash::install();
        let pool = WorkerPool::new(1);
        pool.spawn(Lane::Now, Box::new(|| panic!("on purpose")));
        let (done, answer) = channel();
        pool.spawn(Lane::Later, Box::new(move || done.send(7).unwrap()));
        assert_eq!(answer.recv(), Ok(7));
    }
}
