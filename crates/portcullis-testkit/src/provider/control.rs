//! Counters and scripted faults.

use super::TestProvider;
use crate::endpoint::{Endpoint, MetadataForm};
use crate::fault::{Fault, Gate};
use crate::traffic::RecordedRequest;

impl TestProvider {
    /// How many requests this endpoint has had.
    #[must_use]
    pub fn requests(&self, endpoint: Endpoint) -> usize {
        self.state.traffic.count(endpoint)
    }

    /// The requests this endpoint has had, first one first.
    #[must_use]
    pub fn received(&self, endpoint: Endpoint) -> Vec<RecordedRequest> {
        self.state.traffic.received(endpoint)
    }

    /// Every endpoint that was asked, in that order and as often: what a login cost, and that nothing was asked ahead.
    #[must_use]
    pub fn asked(&self) -> Vec<Endpoint> {
        self.state.traffic.order()
    }

    /// The requests for no endpoint: answered 404 here, and in memory also those meant for other hosts.
    #[must_use]
    pub fn unexpected(&self) -> Vec<RecordedRequest> {
        self.state.traffic.unexpected()
    }

    /// Forgets every request so far.
    pub fn reset_counters(&self) {
        self.state.traffic.reset();
    }

    /// Shows this fault at every request, until [`heal`](Self::heal); it replaces the one before.
    pub fn fault(&self, endpoint: Endpoint, fault: Fault) {
        self.state.script.lasting(endpoint, fault);
    }

    /// Shows this fault at the next `times` requests; called again, the faults follow one another.
    pub fn fault_times(&self, endpoint: Endpoint, times: usize, fault: Fault) {
        self.state.script.counted(endpoint, times, fault);
    }

    /// Ends every fault of this endpoint and releases what it holds.
    pub fn heal(&self, endpoint: Endpoint) {
        self.state.script.heal(endpoint);
    }

    /// Holds every answer of this endpoint until the gate is released.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use portcullis::transport::{HttpClient, HttpLimits};
    /// use portcullis_testkit::{Endpoint, TestProvider};
    ///
    /// let provider = TestProvider::in_memory();
    /// let gate = provider.hold(Endpoint::Jwks);
    /// let client = provider.http_client();
    /// let request = http::Request::get("https://provider.test/jwks").body(bytes::Bytes::new()).unwrap();
    /// let fetch = tokio::spawn(async move { client.send(request, HttpLimits::KEY_SET).await });
    /// gate.waiting(1).await; // no sleeps: the request is there, its answer is not
    /// assert!(!fetch.is_finished());
    /// gate.release();
    /// assert!(fetch.await.unwrap().is_ok());
    /// # });
    /// ```
    pub fn hold(&self, endpoint: Endpoint) -> Gate {
        Gate::new(self.state.script.hold(endpoint))
    }

    /// The `Cache-Control` of the key set; none by default.
    ///
    /// # Panics
    /// Panics when it is not a header value.
    pub fn set_jwks_cache_control(&self, value: Option<&str>) {
        let value = value.map(|value| value.parse().expect("a header value"));
        self.state.published().jwks_cache_control = value;
    }

    /// Where to serve the RFC 8414 document from now on.
    pub fn set_authorization_server_metadata(&self, form: MetadataForm) {
        self.state.published().metadata_form = form;
    }
}
