using System.Diagnostics;
using System.Globalization;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Fuzz;

/// <summary>
/// Hands damaged files to a reader. It must open them or throw <see cref="ModelFormatException"/>: any other exception, more memory than
/// files of that size can be worth, or ten seconds of time (a second and a slow machine) fails the run and names the seed.
/// </summary>
internal static class FuzzRun
{
    /// <summary>Multiplies the number of files; unset: 1.</summary>
    private const string Variable = "CACHEPROXY_FUZZ";

    private const long MaxAllocated = 32 << 20;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    /// <param name="count">Files.</param>
    /// <param name="mutate">Makes one.</param>
    /// <param name="read">Reads everything in it.</param>
    /// <returns>How many were read and how many refused.</returns>
    public static (int Read, int Refused) Over(int count, Func<Random, byte[]> mutate, Action<byte[]> read)
    {
        int factor = int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out int given) ? given : 1, refused = 0;
        for (int seed = 0; seed < count * factor; seed++)
        {
            byte[] file = mutate(new Random(seed));
            long allocated = GC.GetAllocatedBytesForCurrentThread(), started = Stopwatch.GetTimestamp();
            try
            {
                read(file);
            }
            catch (ModelFormatException error)
            {
                Assert.NotEqual("", error.Field);
                refused++;
            }
            catch (Exception error)
            {
                Assert.Fail($"Seed {seed}: {error}");
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Assert.True(allocated < MaxAllocated, $"Seed {seed}: {allocated} bytes for a file of {file.Length}.");
            Assert.True(Stopwatch.GetElapsedTime(started) < s_longest, $"Seed {seed}: took {Stopwatch.GetElapsedTime(started)}.");
        }

        return ((count * factor) - refused, refused);
    }
}
