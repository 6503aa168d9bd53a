using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CacheProxy.Benchmarks.Semantic;

/// <summary>Processor time of the calling thread: what an operation costs also on a machine that others use.</summary>
internal static partial class ThreadTime
{
    private const int ThreadCpuClock = 3;

    /// <summary>Seconds; wall clock where the system has no such clock.</summary>
    public static double Now() => OperatingSystem.IsLinux() && GetTime(ThreadCpuClock, out Time time) == 0
        ? time.Seconds + (time.Nanoseconds * 1e-9)
        : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
