using System.Globalization;

namespace CacheProxy.Cli.Semantic;

/// <summary>Says on the error stream how far the work is, at most every few seconds.</summary>
internal sealed class Progress(TextWriter errors, int total, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly long _started = time.GetTimestamp();
    private TimeSpan _said;

    public void Report(int done)
    {
        TimeSpan elapsed = time.GetElapsedTime(_started);
        if (elapsed - _said < Interval || done >= total)
        {
            return;
        }

        _said = elapsed;
        TimeSpan left = elapsed / done * (total - done);
        errors.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done:N0} of {total:N0} pairs, {elapsed:m\\:ss}; about {left:m\\:ss} left"));
    }
}
