//! The load, and what the server's CPU clock says about it.

use std::time::Instant;

use crate::connection::Connection;
use crate::process::Process;

const TOKENS: usize = 10_000;
const ROUNDS: usize = 31;
const REQUESTS: usize = 10_000;
const CONNECTIONS: usize = 16;
const LIMIT_MICROS: f64 = 1.5;
const ROUTES: [&str; 3] = ["/bare", "/user", "/attached"];

/// One route in one round.
struct Sample {
    cpu_micros: f64,
    per_second: f64,
}

struct Load {
    control: Connection,
    connections: Vec<Connection>,
}

pub(crate) fn report() {
    let mut provider = Process::start(&["provider", &TOKENS.to_string()]);
    let (issuer, audience) = (provider.line(), provider.line());
    let tokens: Vec<_> = (0..TOKENS).map(|_| provider.line()).collect();
    let mut server = Process::start(&["server", &issuer, &audience]);
    let address = server.line();
    let mut load = Load {
        control: Connection::open(&address),
        connections: (0..CONNECTIONS).map(|_| Connection::open(&address)).collect(),
    };
    load.check_bodies(&tokens[0]);
    println!("\nCPU time of the server per request, µs: medians of {ROUNDS} rounds of {REQUESTS} requests (best)");
    println!("{:<16}{:<12}{:>18}{:>18}{:>14}", "", "route", "CPU µs", "more than bare", "requests/s");
    load.compare("one token", &tokens[..1]);
    load.compare("10,000 tokens", &tokens);
}

impl Load {
    /// The routes differ in nothing but the question who is calling.
    fn check_bodies(&mut self, token: &str) {
        let bodies = ROUTES.map(|route| self.control.get(route, token));
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    }

    /// Rounds alternate between the routes, so that what the machine does meanwhile meets all of them alike.
    fn compare(&mut self, name: &str, tokens: &[String]) {
        let mut rounds: Vec<[Sample; ROUTES.len()]> = Vec::new();
        for round in 0..=ROUNDS {
            let samples = ROUTES.map(|route| self.round(route, tokens));
            // The first one fills the caches.
            if round > 0 {
                rounds.push(samples);
            }
        }
        for (index, route) in ROUTES.iter().enumerate() {
            let cpu: Vec<_> = rounds.iter().map(|round| round[index].cpu_micros).collect();
            let more = median(rounds.iter().map(|round| round[index].cpu_micros - round[0].cpu_micros).collect());
            let per_second = median(rounds.iter().map(|round| round[index].per_second).collect());
            let best = cpu.iter().copied().fold(f64::INFINITY, f64::min);
            let verdict = if more <= LIMIT_MICROS { "" } else { "  over the limit" };
            let cpu = format!("{:.2} ({best:.2})", median(cpu));
            println!("{name:<16}{route:<12}{cpu:>18}{more:>18.2}{per_second:>14.0}{verdict}");
        }
    }

    fn round(&mut self, route: &str, tokens: &[String]) -> Sample {
        let (began, cpu_before) = (Instant::now(), self.cpu_micros());
        let mut tokens = tokens.iter().cycle();
        for _ in 0..REQUESTS / CONNECTIONS {
            for connection in &mut self.connections {
                connection.send(route, tokens.next().unwrap());
            }
            for connection in &mut self.connections {
                connection.receive();
            }
        }
        let requests = (REQUESTS / CONNECTIONS * CONNECTIONS) as f64;
        let cpu_micros = (self.cpu_micros() - cpu_before) / requests;
        Sample { cpu_micros, per_second: requests / began.elapsed().as_secs_f64() }
    }

    fn cpu_micros(&mut self) -> f64 {
        self.control.get("/cpu", "-").parse().unwrap()
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
