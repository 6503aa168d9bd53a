using System.Reflection;
using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Execution.Device;

/// <summary>The calls of the CUDA runtime library that ONNX Runtime offers no way to. It loads the library too, so it is there when these are.</summary>
internal static unsafe partial class CudaRuntime
{
    private const string Library = "cudart";

    /// <summary>The provider is built for CUDA 13.</summary>
    private static readonly string[] Names = ["libcudart.so.13", "cudart64_13.dll", "libcudart.so"];

    static CudaRuntime() => NativeLibrary.SetDllImportResolver(typeof(CudaRuntime).Assembly, Resolve);

    /// <summary>cudaMemcpyKind.</summary>
    public enum Direction
    {
        HostToDevice = 1,
        DeviceToHost = 2,
        DeviceToDevice = 3,
    }

    /// <exception cref="DllNotFoundException">The CUDA runtime library is not on the library path.</exception>
    /// <exception cref="InvalidOperationException">CUDA refuses, for example for want of a driver; the message is CUDA's.</exception>
    public static void SelectDevice(int device) => Check(SetDevice(device), "cudaSetDevice");

    /// <exception cref="InsufficientMemoryException">The device has no such run of memory left.</exception>
    public static nint Allocate(long bytes)
    {
        nint address;
        int status = Malloc(&address, (nuint)bytes);
        if (status == 2)
        {
            throw new InsufficientMemoryException($"The device has no {bytes >> 20} MiB left.");
        }

        Check(status, "cudaMalloc");
        return address;
    }

    public static void Free(nint address) => _ = FreeMemory(address);

    public static void Copy(nint target, nint source, long bytes, Direction direction) =>
        Check(Memcpy(target, source, (nuint)bytes, direction), "cudaMemcpy");

    public static long FreeBytes()
    {
        nuint free, total;
        Check(MemGetInfo(&free, &total), "cudaMemGetInfo");
        return (long)free;
    }

    private static void Check(int status, string call)
    {
        if (status != 0)
        {
            throw new InvalidOperationException($"{call}: {Marshal.PtrToStringUTF8(GetErrorString(status))} ({status})");
        }
    }

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? path)
    {
        foreach (string name in library == Library ? Names : [])
        {
            if (NativeLibrary.TryLoad(name, assembly, path, out nint handle))
            {
                return handle;
            }
        }

        return 0;
    }

    [LibraryImport(Library, EntryPoint = "cudaSetDevice")]
    private static partial int SetDevice(int device);

    [LibraryImport(Library, EntryPoint = "cudaMalloc")]
    private static partial int Malloc(nint* address, nuint bytes);

    [LibraryImport(Library, EntryPoint = "cudaFree")]
    private static partial int FreeMemory(nint address);

    [LibraryImport(Library, EntryPoint = "cudaMemcpy")]
    private static partial int Memcpy(nint target, nint source, nuint bytes, Direction direction);

    [LibraryImport(Library, EntryPoint = "cudaMemGetInfo")]
    private static partial int MemGetInfo(nuint* free, nuint* total);

    [LibraryImport(Library, EntryPoint = "cudaGetErrorString")]
    private static partial nint GetErrorString(int status);
}
