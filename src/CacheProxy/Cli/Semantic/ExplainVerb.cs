using System.CommandLine;
using System.Globalization;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.Tuning;
using CacheProxy.Tuning.Evaluation;

namespace CacheProxy.Cli.Semantic;

/// <summary><c>explain "prompt a" "prompt b"</c>: what each stage says of two questions. All stages are asked, also behind one that ends it.</summary>
internal static class ExplainVerb
{
    public static Command Create(TextWriter output, Func<string?, IWorkbench> open)
    {
        var verb = new Command("explain", "Shows what each stage of the semantic cache says of two questions; needs no running proxy.");
        var cached = new Argument<string>("A") { Description = "The question that was answered." };
        var asked = new Argument<string>("B") { Description = "The question that is asked." };
        verb.Arguments.Add(cached);
        verb.Arguments.Add(asked);
        PolicyOptions policy = PolicyOptions.AddTo(verb);
        SettingsOption settings = SettingsOption.AddTo(verb, open);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using IWorkbench workbench = settings.Open(parsed);
            SemanticOptions options = policy.Apply(parsed, workbench.Semantic);
            using CascadeSession session = workbench.OpenCascade(options, isThorough: true);
            QuestionPair[] pair = [new(parsed.GetValue(cached)!, parsed.GetValue(asked)!)];

            // The first run compiles what the second measures; another pair, since vectors are remembered.
            await session.Cascade.JudgeAsync([new QuestionPair("How do I sort 3 lists in Python?", "What is the way to sort three lists?")], cancellationToken);
            PairVerdict verdict = (await session.Cascade.JudgeAsync(pair, cancellationToken))[0];
            Table.Write(output, ["STAGE", "SAYS", "MS"], Rows(verdict, options, session));
            output.WriteLine();
            output.WriteLine(verdict.Serves
                ? $"The cached answer is served: {session.Policy} policy."
                : $"A miss; ended by: {StageNames.Of(verdict.Stage)}.");
            return ExitCode.Done;
        });
        return verb;
    }

    private static IEnumerable<string[]> Rows(PairVerdict verdict, SemanticOptions options, CascadeSession session)
    {
        yield return Row(PairStage.Eligibility, verdict.Unfit == SemanticReason.None ? "both may be looked up" : $"not looked up: {verdict.Unfit}", verdict.Times.Eligibility);
        yield return Row(
            PairStage.StaticEmbedding,
            verdict.StaticCosine is { } similarity ? $"cosine {Number(similarity)}{(verdict.Stage == PairStage.StaticEmbedding ? ": a clear miss" : "")}" : "says nothing",
            verdict.Times.StaticEmbedding);
        yield return Row(
            PairStage.Similarity,
            $"cosine {Number(verdict.Cosine)}, {(verdict.Cosine >= options.MinimumSimilarity ? "at least" : "under")} {Number(options.MinimumSimilarity)}",
            verdict.Times.Embedding);
        yield return Row(PairStage.Guards, verdict.Vetoes.Count == 0 ? "none vetoes" : $"vetoed by {string.Join(", ", verdict.Vetoes)}", verdict.Times.Guards);
        yield return Row(
            PairStage.Verifier,
            verdict.IsTruncated ? "too long to be read whole" : verdict.Logit is { } logit ? $"logit {logit.ToString("F3", CultureInfo.InvariantCulture)}" : "not asked",
            verdict.Times.Verifier);
        yield return Row(PairStage.Policy, Decision(verdict, session), TimeSpan.Zero);
    }

    private static string Decision(PairVerdict verdict, CascadeSession session) => verdict.Stage < PairStage.Policy
        ? "not asked"
        : $"probability {Number(verdict.Score)}{(double.IsNaN(session.Threshold) ? "" : $", served from {Number(session.Threshold)}")}";

    private static string[] Row(PairStage stage, string says, TimeSpan time)
        => [StageNames.Of(stage), says, time == TimeSpan.Zero ? "" : time.TotalMilliseconds.ToString("F2", CultureInfo.InvariantCulture)];

    private static string Number(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}
