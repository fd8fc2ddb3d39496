#!/usr/bin/env python3
"""Which checks `run` believes, with commands that stand in for GPUCheck, and which epochs' speeds it notes."""
import contextlib, importlib.machinery, importlib.util, io, json, os, signal, sys, tempfile, types, unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def load():
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("run", f"{HERE}/run")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run", loader))
    loader.exec_module(module)
    return module


run = load()
LINE = '{"backend": "GPU A, float32", "ok": true}'


class Stages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def call(self, system="commit, GPU A"):
        flags = types.SimpleNamespace(
            budget=60, reserve=0, scale=1, work=f"{self.folder}/work", out=f"{self.folder}/out", out_megabytes=1,
            out_files=2, file_megabytes=1)
        call = run.Call(flags)
        call.system = system
        return call

    def stage(self, *scripts, name="kernels", seconds=5, call=None):
        """Runs shell commands as a stage. Returns whether it is sound, and which of them ran."""
        call, traces = call or self.call(), f"{self.folder}/traces"
        open(traces, "w").close()
        commands = [
            (str(key), ["/bin/sh", "-c", f"echo {key} >> {traces}; {script}"], None)
            for key, script in enumerate(scripts)]
        run.BUDGETS[name] = seconds
        with contextlib.redirect_stdout(io.StringIO()):
            sound = call.stage(name, commands, again=name == "device")
        with open(traces) as file:
            return sound, file.read().split()

    def test_what_has_passed_is_sound_and_not_made_again(self):
        self.assertEqual(self.stage(f"echo '{LINE}'", "true"), (True, ["0", "1"]))
        self.assertEqual(self.stage("true", "true"), (True, []))

    def test_a_failure_is_not_sound_and_made_again(self):
        self.assertEqual(self.stage("true", "exit 1", "true"), (False, ["0", "1", "2"]))
        self.assertEqual(self.stage("true", "exit 1", "true"), (False, ["1"]))
        # What was in its way is gone.
        self.assertEqual(self.stage("true", "true", "true"), (True, ["1"]))

    def test_a_signal_is_a_failure(self):
        for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL):
            self.assertEqual(self.stage(f"kill -{int(number)} $$"), (False, ["0"]))

    def test_a_program_that_is_missing_is_a_failure(self):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertFalse(self.call().stage("kernels", [("0", [f"{self.folder}/missing"], None)]))
        self.assertIn("cannot begin", said.getvalue())

    def test_one_that_had_no_time_to_end_is_not_sound_and_made_again(self):
        self.assertEqual(self.stage("true", "exec sleep 60", "true", seconds=0.5), (False, ["0", "1", "2"]))
        self.assertEqual(self.stage("true", "true", "true"), (True, ["1"]))

    def test_children_that_hold_the_output_end_too(self):
        self.assertEqual(self.stage("sleep 60 & sleep 60", "true", seconds=0.5), (False, ["0", "1"]))

    def test_without_time_nothing_is_sound(self):
        self.assertEqual(self.stage("true", seconds=0), (False, []))

    def test_another_commit_or_gpu_is_checked_again(self):
        self.assertEqual(self.stage("true"), (True, ["0"]))
        for system in ("commit, GPU B", "other, GPU A", "commit, GPU A"):
            self.assertEqual(self.stage("true", call=self.call(system)), (True, ["0"]))
        self.assertEqual(self.stage("true"), (True, []))

    def test_a_device_says_which_it_is_every_time(self):
        for _ in range(2):
            call = self.call("commit")
            self.assertEqual(self.stage(f"echo '{LINE}'", name="device", call=call), (True, ["0"]))
            self.assertEqual(call.system, "commit, GPU A")

    def test_a_line_that_was_cut_off_ends_nothing(self):
        self.assertEqual(self.stage("""printf '{"check": '; kill -9 $$""", "true"), (False, ["0", "1"]))


class Speeds(unittest.TestCase):
    def test_an_epoch_counts_if_as_many_experiments_ran_all_the_while(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(f"{folder}/runs/book-1")
            os.makedirs(f"{folder}/results")
            call = types.SimpleNamespace(
                state=folder, system="GPU A", commands=lambda experiment: [],
                flags=types.SimpleNamespace(backend="cuda", precision="tf32"))
            epochs = [{"imagesPerSecond": None}]

            def end_epoch(speed):
                epochs.append({"imagesPerSecond": speed})
                with open(f"{folder}/runs/book-1/net.run.json", "w") as record:
                    json.dump({"epochs": epochs}, record)

            end_epoch(None)  # Of an earlier call.
            job = run.Job(call, types.SimpleNamespace(name="book-1"), {})
            # The second begins in the epoch of 300.
            for counts, speed in [([1, 1], 100), ([1], 200), ([1, 2], 300), ([2], 400), ([2, 2], None), ([2], 500)]:
                for count in counts:
                    job.note_speeds(count)
                end_epoch(speed)
                job.note_speeds(counts[-1])
            with open(f"{folder}/results/speeds.jsonl") as file:
                lines = [json.loads(line) for line in file]
            found = [(line["images_per_second"], line["at_once"]) for line in lines]
            self.assertEqual(found, [(200, 1), (400, 2), (500, 2)])
            self.assertEqual(job.speeds, 3)


class Jobs(unittest.TestCase):
    def test_a_program_that_is_missing_ends_its_experiment_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            said = []
            call = types.SimpleNamespace(
                state=folder, work=folder, say=said.append, commands=lambda _: [["true"], [f"{folder}/missing"]])
            job = run.Job(call, types.SimpleNamespace(name="book-1"), dict(os.environ))
            self.assertTrue(job.begin())
            job.process.wait()
            self.assertFalse(job.goes_on())
            self.assertIn("book-1 cannot begin", said[-1])


if __name__ == "__main__":
    unittest.main()
