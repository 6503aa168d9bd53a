using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CacheProxy.SemanticCache;
using CacheProxy.Tuning;
using CacheProxy.Tuning.Advice;
using CacheProxy.Tuning.Pairs;
using CacheProxy.Tuning.Settings;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Cli.Semantic;

/// <summary><c>tune --from SOURCE --target-error E</c>: thresholds and TTL that the evidence supports; written only with <c>--apply</c>.</summary>
internal sealed class TuneVerb
{
    private readonly Option<EvidenceSource> _from = new("--from")
    {
        Description = "shadow: requests that went upstream anyway; ledger: served hits that were audited; pairs: a file of labelled pairs.",
        HelpName = "shadow|ledger|pairs",
        Required = true,
    };

    private readonly Option<double> _targetError = new("--target-error")
    {
        Description = "Share of wrong among the served that must not be exceeded.",
        HelpName = "SHARE",
        DefaultValueFactory = _ => 0.01,
    };

    private readonly Option<double> _confidence = new("--confidence")
    {
        Description = "How surely it must not be exceeded.",
        HelpName = "P",
        DefaultValueFactory = _ => 0.95,
    };

    private readonly Option<int?> _since = new("--since") { Description = "Only observations of the last days. Default: all that are kept.", HelpName = "DAYS" };
    private readonly Option<bool> _apply = new("--apply") { Description = "Write the settings file; a running proxy follows it. Default: only show." };
    private readonly Option<bool> _serve = new("--serve") { Description = "Also set Semantic:Policy to static, after a time in shadow." };
    private readonly Option<FileInfo> _pairs;
    private readonly Option<bool> _skipBad;
    private readonly SettingsOption _settings;
    private readonly TextWriter _output;
    private readonly TextWriter _errors;

    private TuneVerb(Command verb, TextWriter output, TextWriter errors, Func<string?, IWorkbench> open)
    {
        (_output, _errors) = (output, errors);
        verb.Options.Add(_from);
        _pairs = PairsOption.AddTo(verb, isRequired: false);
        _skipBad = PairsOption.AddSkipBadTo(verb);
        foreach (Option<double> share in new[] { _targetError, _confidence })
        {
            share.Validators.Add(result =>
            {
                // What is no number is told by the parser.
                if (result.Tokens is [{ Value: var text }] && double.TryParse(text, CultureInfo.InvariantCulture, out double value) && value is not (> 0 and < 1))
                {
                    result.AddError($"{share.Name} lies between 0 and 1.");
                }
            });
        }

        foreach (Option option in new Option[] { _targetError, _confidence, _since, _serve, _apply })
        {
            verb.Options.Add(option);
        }

        _settings = SettingsOption.AddTo(verb, open);
        verb.Validators.Add(result =>
        {
            if (result.GetResult(_from)?.Tokens is [{ Value: var from }] && from.Equals(nameof(EvidenceSource.Pairs), StringComparison.OrdinalIgnoreCase) && result.GetResult(_pairs) is null)
            {
                result.AddError("--from pairs needs --pairs FILE.");
            }
        });
        verb.SetAction(RunAsync);
    }

    public static Command Create(TextWriter output, TextWriter errors, Func<string?, IWorkbench> open)
    {
        var verb = new Command("tune", """
            Recommends semantic thresholds and the TTL from what was observed or labelled, with the hits to expect and an upper bound on the error;
            needs no running proxy. Nothing is written without --apply.
            """);
        _ = new TuneVerb(verb, output, errors, open);
        return verb;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using IWorkbench workbench = _settings.Open(parsed);
        if (parsed.GetValue(_apply) && workbench.SettingsFile is null)
        {
            throw new CliException("There is no settings file to write to; --config names one.");
        }

        (double target, double confidence) = (parsed.GetValue(_targetError), parsed.GetValue(_confidence));
        using CascadeSession session = workbench.OpenCascade(Serving(workbench.Semantic), isThorough: false);
        (IReadOnlyList<Evidence> evidence, int pairs) = await GatherAsync(parsed, workbench, session, cancellationToken);
        TuningAdvice advice = TuningAdvice.From(evidence, session.ThresholdOf, workbench.Exact, target, confidence);
        AdviceTables.Write(_output, advice, pairs, target, confidence);
        return Apply(parsed, workbench, advice);
    }

    // What off and shadow would serve is what static does.
    private static SemanticOptions Serving(SemanticOptions settings)
    {
        SemanticOptions serving = settings.Copy();
        serving.Policy = SemanticOptions.StaticPolicy;
        return serving;
    }

    private async Task<(IReadOnlyList<Evidence> Evidence, int Pairs)> GatherAsync(
        ParseResult parsed, IWorkbench workbench, CascadeSession session, CancellationToken cancellationToken)
    {
        EvidenceSource source = parsed.GetValue(_from);
        if (source == EvidenceSource.Pairs)
        {
            LabelFile file = LabelFile.Open(parsed.GetValue(_pairs)!.FullName, parsed.GetValue(_skipBad));
            var progress = new Progress(_errors, file.Count, TimeProvider.System);
            return await EvidenceReader.FromPairsAsync(session.Cascade, file, progress.Report, cancellationToken);
        }

        try
        {
            DateTimeOffset? since = parsed.GetValue(_since) is { } days ? TimeProvider.System.GetUtcNow().AddDays(-days) : null;
            IReadOnlyList<Evidence> evidence = EvidenceReader.FromObservations(workbench.DataFolder, source, since);
            return (evidence, evidence.Count);
        }
        catch (SqliteException exception)
        {
            throw new CliException($"The observations of {workbench.DataFolder} cannot be read: {exception.Message}");
        }
    }

    private int Apply(ParseResult parsed, IWorkbench workbench, TuningAdvice advice)
    {
        string path = workbench.SettingsFile ?? "(no settings file)";
        string before = workbench.SettingsFile is null ? "{\n}\n" : File.ReadAllText(path);
        AdvicePlan plan = Plan(path, before, advice, parsed.GetValue(_serve));
        _output.WriteLine();
        if (plan.Changes.Count == 0)
        {
            _output.WriteLine($"{path}: nothing to change.");
            return advice.Threshold.Advised is null && parsed.GetValue(_apply) ? ExitCode.Failed : ExitCode.Done;
        }

        AdviceTables.WriteChanges(_output, path, plan.Changes);
        if (workbench.FaultsOf(plan.Text.Text) is { Count: > 0 } faults)
        {
            throw new CliException($"Nothing was written: a proxy would not take these settings: {string.Join(" ", faults)}");
        }

        if (parsed.GetValue(_apply))
        {
            SettingsFile.Replace(path, before, plan.Text.Text);
        }

        _output.WriteLine(parsed.GetValue(_apply) ? "Written; a running proxy follows." : "Nothing was written; --apply writes it.");
        return ExitCode.Done;
    }

    private static AdvicePlan Plan(string path, string before, TuningAdvice advice, bool serves)
    {
        try
        {
            return AdvicePlan.Make(new SettingsText(before), advice, serves ? SemanticOptions.StaticPolicy : null);
        }
        catch (JsonException exception)
        {
            throw new CliException($"{path}: {exception.Message}");
        }
    }
}
