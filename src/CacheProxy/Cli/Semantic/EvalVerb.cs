using System.CommandLine;
using CacheProxy.Tuning;
using CacheProxy.Tuning.Evaluation;
using CacheProxy.Tuning.Pairs;

namespace CacheProxy.Cli.Semantic;

/// <summary><c>eval --pairs FILE</c>: the product's cascade over labelled pairs.</summary>
internal static class EvalVerb
{
    public static Command Create(TextWriter output, TextWriter errors, Func<string?, IWorkbench> open)
    {
        var verb = new Command("eval", """
            Judges labelled pairs of questions as the proxy would: what it serves, how much of that is wrong, at every threshold; needs no running proxy.
            The file is tab-separated: label (1: one answer serves both, 0: not), a (the question that was answered), b (the one that is asked).
            A head may name the columns. Texts are taken as they are, without quoting.
            """);
        Option<FileInfo> pairs = PairsOption.AddTo(verb, isRequired: true);
        Option<bool> skipBad = PairsOption.AddSkipBadTo(verb);
        var json = new Option<bool>("--json") { Description = "One JSON object instead of tables." };
        var curve = new Option<FileInfo?>("--curve") { Description = "Also writes every threshold to this file: threshold, served, wrong, tab-separated.", HelpName = "FILE" };
        verb.Options.Add(json);
        verb.Options.Add(curve);
        PolicyOptions policy = PolicyOptions.AddTo(verb);
        SettingsOption settings = SettingsOption.AddTo(verb, open);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            LabelFile file = LabelFile.Open(parsed.GetValue(pairs)!.FullName, parsed.GetValue(skipBad));
            if (file.BadRows > 0)
            {
                errors.WriteLine($"{Percent.Count(file.BadRows)} bad rows are left out.");
            }

            using IWorkbench workbench = settings.Open(parsed);
            using CascadeSession session = workbench.OpenCascade(policy.Apply(parsed, workbench.Semantic), isThorough: false);
            var progress = new Progress(errors, file.Count, TimeProvider.System);
            EvaluationReport report = await PairEvaluation.RunAsync(session.Cascade, file, progress.Report, cancellationToken);
            if (parsed.GetValue(curve) is { } target)
            {
                await CurveFile.WriteAsync(target.FullName, report, cancellationToken);
            }

            if (parsed.GetValue(json))
            {
                output.WriteLine(EvaluationJson.Write(report));
            }
            else
            {
                EvaluationTables.Write(output, file, session, report);
            }

            return ExitCode.Done;
        });
        return verb;
    }
}
