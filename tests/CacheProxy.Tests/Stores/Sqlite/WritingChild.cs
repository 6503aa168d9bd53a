using System.Diagnostics;
using System.Runtime.CompilerServices;
using CacheProxy.Stores.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.Stores.Sqlite;

/// <summary>
/// This test program, started once more as a process that only writes entries and says after each flush how many are on
/// disk: something to kill.
/// </summary>
internal static class WritingChild
{
    private const string Variable = "CACHEPROXY_TEST_WRITING_CHILD";

    public static Process Start(string folder)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(WritingChild).Assembly.Location]) { RedirectStandardOutput = true };
        start.Environment[Variable] = folder;
        return Process.Start(start)!;
    }

    // Runs before the test runner's own Main, and only where the variable is set.
    [ModuleInitializer]
    internal static void RunWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder)
        {
            WriteForever(folder);
        }
    }

    private static void WriteForever(string folder)
    {
        var store = new SqliteEntryStore(folder, 1L << 30, TimeProvider.System, NullLogger<SqliteEntryStore>.Instance);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        for (int i = 0; ; i++)
        {
            store.SetAsync(SampleEntries.Plain(i, createdAt: now), CancellationToken.None).AsTask().Wait();
            if (i % 20 == 19)
            {
                store.FlushAsync(CancellationToken.None).Wait();
                Console.WriteLine(i + 1);
            }
        }
    }
}
