using System.CommandLine;
using System.Text;
using CacheProxy.Cli.Semantic;
using CacheProxy.Storage;
using CacheProxy.Tuning;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Cli.Reports;

/// <summary><c>report --since 7d</c>: what was saved and spent, and what to change; for the terminal, as a page, or as JSON. Beside a running proxy or without one.</summary>
internal sealed class ReportVerb
{
    private readonly Option<string> _since = new("--since")
    {
        Description = "Begin: so long ago (7d, 36h, 2w), a day (2026-11-15) or a time (2026-11-15T08:30). Default 7d.",
        HelpName = "TIME",
        DefaultValueFactory = _ => "7d",
    };

    private readonly Option<string?> _until = new("--until") { Description = "End, not included; as --since. Default: now.", HelpName = "TIME" };
    private readonly Option<string?> _tenant = new("--tenant") { Description = "Only this tenant, as the report names it.", HelpName = "NAME" };
    private readonly Option<string?> _zone = new("--time-zone") { Description = "Whose midnights days begin at, as Europe/Berlin. Default: this machine's.", HelpName = "NAME" };
    private readonly Option<string?> _out = new("--out") { Description = "Also write it as a page that needs nothing else, readable by its owner only: texts of prompts may be in it.", HelpName = "FILE.html" };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON instead of tables." };
    private readonly SettingsOption _settings;
    private readonly TextWriter _output;
    private readonly TimeProvider _clock;

    private ReportVerb(Command verb, TextWriter output, Func<string?, IWorkbench> open, TimeProvider clock)
    {
        (_output, _clock) = (output, clock);
        foreach (Option option in new Option[] { _since, _until, _tenant, _zone, _out, _json })
        {
            verb.Options.Add(option);
        }

        _settings = SettingsOption.AddTo(verb, open);
        verb.SetAction(RunAsync);
    }

    public static Command Create(TextWriter output, Func<string?, IWorkbench> open, TimeProvider clock)
    {
        var verb = new Command("report", "Says what the cache saved and spent, and what to change. Reads the data folder; needs no running proxy.");
        _ = new ReportVerb(verb, output, open, clock);
        return verb;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        ReportRange range = ReadRange(parsed);
        using IWorkbench workbench = _settings.Open(parsed);
        ReportData data = await ReadAsync(workbench, range, cancellationToken);
        if (parsed.GetValue(_json))
        {
            using var text = new MemoryStream();
            ReportJson.Write(text, data);
            _output.WriteLine(Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length));
        }
        else
        {
            ReportText.Write(_output, data);
        }

        if (parsed.GetValue(_out) is { } path)
        {
            using var file = new StreamWriter(OwnerOnly.Open(Path.GetFullPath(path), FileMode.Create, FileAccess.Write), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            ReportHtml.Write(file, data);
        }

        return ExitCode.Done;
    }

    private static async Task<ReportData> ReadAsync(IWorkbench workbench, ReportRange range, CancellationToken cancellationToken)
    {
        try
        {
            return await ReportReader.ReadAsync(workbench.OpenLedger(), workbench.DataFolder, range, workbench.TenantIdsOf, cancellationToken);
        }
        catch (Exception exception) when (exception is SqliteException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The ledger {Path.Combine(workbench.DataFolder, "ledger.db")} cannot be read: {exception.Message}");
        }
    }

    private ReportRange ReadRange(ParseResult parsed)
    {
        TimeZoneInfo zone = TimeText.Zone(_zone.Name, parsed.GetValue(_zone));
        DateTimeOffset now = _clock.GetUtcNow();
        DateTimeOffset to = parsed.GetValue(_until) is { } until ? TimeText.Parse(_until.Name, until, now, zone, isEnd: true) : now;
        DateTimeOffset from = TimeText.Parse(_since.Name, parsed.GetValue(_since)!, now, zone, isEnd: false);
        return from < to ? new ReportRange(from, to, zone, parsed.GetValue(_tenant))
            : throw new CliException($"{_since.Name} must lie before {_until.Name}: {from:u} is not before {to:u}.");
    }
}
