namespace CacheProxy.Benchmarks.Engine;

/// <summary>What both engines are asked to do. Times are of the work alone, wall clock and processor.</summary>
internal interface IEngine : IAsyncDisposable
{
    /// <summary>Makes room for so many sequences of at most so many tokens each.</summary>
    Task OpenAsync(int sequences, int tokens, CancellationToken cancellationToken);

    /// <summary>Computes one prompt per sequence from nothing.</summary>
    Task<Timing> PrefillAsync(int[][] prompts, CancellationToken cancellationToken);

    /// <summary>Generates greedily, all sequences at once.</summary>
    Task<Timing> DecodeAsync(int steps, CancellationToken cancellationToken);
}

/// <param name="Milliseconds">Wall clock.</param>
/// <param name="CpuMilliseconds">Processor time of the whole process: hardly disturbed by what else the machine does.</param>
/// <param name="Tokens">Tokens of the first sequence (decode) or the best next token of each sequence (prefill).</param>
internal sealed record Timing(double Milliseconds, double CpuMilliseconds, int[] Tokens);
