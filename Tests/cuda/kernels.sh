#!/usr/bin/env bash
# Compiles the GPU kernels with NVIDIA's own compiler, which needs no GPU: both element types, for two architectures,
# and no warning is let pass.
#
#     Tests/cuda/kernels.sh [FOLDER]     # FOLDER has libnvrtc.so.*; without it, pip installs the library for this run
set -euo pipefail
cd "$(dirname "$0")/../.."
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

folder=${1:-}
if [ -z "$folder" ]; then
    if ! { python3 -m venv "$temporary/venv" && "$temporary/venv/bin/pip" install --quiet --timeout 15 --retries 1 nvidia-cuda-nvrtc; }; then
        echo "SKIPPED: pip cannot install nvidia-cuda-nvrtc, so no kernel was compiled" >&2
        exit 0
    fi
    folder=$(dirname "$(find "$temporary/venv" -name 'libnvrtc.so.*' | head -1)")
fi
library=$(find "$folder" -name 'libnvrtc.so.*' 2>/dev/null | head -1) || true
[ -n "$library" ] || { echo "$folder has no libnvrtc.so.*" >&2; exit 1; }

# The text that the library embeds: the same files in the same order.
sources=Sources/CGPUKernels
sed -n "s|^#embed \"\(.*\)\"$|$sources/\1|p" $sources/sources.c | xargs cat > "$temporary/kernels.cu"

LD_LIBRARY_PATH=$folder python3 - "$library" "$temporary/kernels.cu" <<'END'
import ctypes, re, sys, time

library, path = ctypes.CDLL(sys.argv[1]), sys.argv[2]
source = open(path, "rb").read()
kernels = sorted(re.findall(rb"^(?:BLOCK_)?KERNEL\((\w+)", source, re.M))


def text(program, what):
    size = ctypes.c_size_t()
    getattr(library, f"nvrtcGet{what}Size")(program, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    getattr(library, f"nvrtcGet{what}")(program, buffer)
    return buffer.raw


for element in "float", "bfloat16":
    for architecture in 80, 90:
        # CUDA 12 takes a generic lambda for the host's without -default-device.
        options = [
            f"--gpu-architecture=sm_{architecture}", "--std=c++17", "-default-device", f"-DELEMENT={element}",
            "--ptxas-options=-v"]
        program = ctypes.c_void_p()
        assert library.nvrtcCreateProgram(ctypes.byref(program), source, b"kernels.cu", 0, None, None) == 0
        start = time.time()
        result = library.nvrtcCompileProgram(
            program, len(options), (ctypes.c_char_p * len(options))(*map(str.encode, options)))
        seconds = time.time() - start
        log = text(program, "ProgramLog").rstrip(b"\0\n").decode()
        # Whatever the assembler does not say of registers and memory is a warning at least.
        complaints = [line for line in log.splitlines() if line and not re.match(r"ptxas +(info|\.|Function)", line)]
        if complaints or result != 0:
            sys.exit("\n".join(complaints) + f"\n{element} on sm_{architecture}: NVRTC's result {result}")
        image = text(program, "CUBIN")
        # The linker's names: every kernel has a section of its own.
        missing = [name.decode() for name in kernels if b".text." + name + b"\0" not in image]
        if missing:
            sys.exit(f"{element} on sm_{architecture}: {', '.join(missing)} missing")
        print(f"{element} on sm_{architecture}: {len(kernels)} kernels, {len(image)} bytes, {seconds:.1f} s")
        usage = r"properties for (\w+)\n.*?(\d+) bytes stack frame, (\d+) bytes spill.*?Used (\d+) registers"
        for name, frame, spills, registers in re.findall(usage, log, re.S):
            if int(frame) > 0 or int(registers) > 64:
                print(f"    {name}: {registers} registers, {frame} bytes of stack, {spills} bytes spilled")
        library.nvrtcDestroyProgram(ctypes.byref(program))
print(" ".join(name.decode() for name in kernels))
END
