"""What Locust runs: users that ask again at once."""

from locust import FastHttpUser, constant, task


class Asking(FastHttpUser):
    """One connection that sends its next request when the answer is there."""

    wait_time = constant(0)

    @task
    def ask(self) -> None:
        """One request."""
        self.client.get("/")
