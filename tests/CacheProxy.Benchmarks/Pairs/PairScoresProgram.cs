using System.Diagnostics;
using System.Globalization;
using System.Text;
using CacheProxy.Pipeline;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.Tuning;
using CacheProxy.Tuning.Evaluation;
using CacheProxy.Tuning.Pairs;

namespace CacheProxy.Benchmarks.Pairs;

/// <summary>Writes what encoder and verifier say about every pair of a label file, for whoever fits a score: <c>scores --pairs FILE --out FILE</c>.</summary>
internal sealed class PairScoresProgram : IBenchmark
{
    public string Name => "scores";

    public string Summary => "writes label, cosine, logit, truncated, a, b of a label file: --pairs FILE --out FILE";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        LabelFile file = LabelFile.Open(Arguments.Text(arguments, "--pairs") ?? throw new ArgumentException("--pairs is missing."), skipBad: false);
        string target = Arguments.Text(arguments, "--out") ?? throw new ArgumentException("--out is missing.");
        using IWorkbench workbench = Workbench.Open(null);
        using CascadeSession session = workbench.OpenCascade(workbench.Semantic, isThorough: true);
        long started = Stopwatch.GetTimestamp();
        await using (var writer = new StreamWriter(target + ".part", append: false, new UTF8Encoding(false)))
        {
            await writer.WriteLineAsync("label\tcosine\tlogit\ttruncated\ta\tb");
            await foreach ((LabelledPair pair, PairVerdict verdict) in PairEvaluation.JudgeAsync(session.Cascade, file, cancellationToken))
            {
                await writer.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(pair.IsSame ? 1 : 0)}\t{verdict.Cosine:R}\t{verdict.Logit:R}\t{(verdict.IsTruncated ? 1 : 0)}\t{pair.Cached}\t{pair.Asked}"));
            }
        }

        File.Move(target + ".part", target, overwrite: true);
        Console.WriteLine($"{file.Count:N0} pairs, {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
    }
}
