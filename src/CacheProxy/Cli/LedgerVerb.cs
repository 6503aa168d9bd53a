using System.CommandLine;
using System.Text;
using CacheProxy.Cli.Reports;
using CacheProxy.Cli.Semantic;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Export;
using CacheProxy.Storage;
using CacheProxy.Tuning;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Cli;

/// <summary><c>ledger export</c>: single requests as a table or as lines of JSON, beside a running proxy or without one.</summary>
internal sealed class LedgerVerb
{
    private const string Csv = "csv";
    private const string Json = "jsonl";
    private const string Focus = "focus";

    private readonly Option<string> _format = new("--format")
    {
        Description = "csv, jsonl (lines of JSON), or focus: CSV as the FinOps cost and usage specification (FOCUS 1.2) has it, without requests of unknown cost.",
        DefaultValueFactory = _ => Csv,
        HelpName = "FORMAT",
    };

    private readonly Option<string> _since = new("--since") { Description = "Begin: 7d, 36h, 2026-11-15 or 2026-11-15T08:30Z.", DefaultValueFactory = _ => "30d", HelpName = "TIME" };
    private readonly Option<string?> _until = new("--until") { Description = "End, not included; as --since. Default: now.", HelpName = "TIME" };
    private readonly Option<string?> _tenant = new("--tenant") { Description = "Only this tenant, as the dashboard names it.", HelpName = "NAME" };
    private readonly Option<string?> _model = new("--model") { Description = "Only this model, as clients name it.", HelpName = "NAME" };
    private readonly Option<string?> _zone = new("--time-zone") { Description = "Of times without an offset, as Europe/Berlin. Default: this machine's.", HelpName = "NAME" };
    private readonly Option<string> _out = new("--out") { Description = "A file that only its owner can read; - is the standard output.", DefaultValueFactory = _ => "-", HelpName = "FILE" };
    private readonly SettingsOption _settings;
    private readonly TextWriter _output;
    private readonly TimeProvider _clock;

    private LedgerVerb(Command verb, TextWriter output, Func<string?, IWorkbench> open, TimeProvider clock)
    {
        (_output, _clock) = (output, clock);
        _format.AcceptOnlyFromAmong(Csv, Json, Focus);
        foreach (Option option in new Option[] { _format, _since, _until, _tenant, _model, _zone, _out })
        {
            verb.Options.Add(option);
        }

        _settings = SettingsOption.AddTo(verb, open);
        verb.SetAction(ExportAsync);
    }

    public static Command Create(TextWriter output, Func<string?, IWorkbench> open, TimeProvider clock)
    {
        var export = new Command("export", "Writes the recorded requests, oldest first. Reads the data folder; needs no running proxy.");
        _ = new LedgerVerb(export, output, open, clock);
        return new Command("ledger", "What was recorded of every request.") { export };
    }

    private async Task<int> ExportAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        LedgerFilter filter = ReadFilter(parsed);
        using IWorkbench workbench = _settings.Open(parsed);
        string name = parsed.GetValue(_out)!;
        try
        {
            IAsyncEnumerable<LedgerRow> rows = workbench.OpenLedger().RowsAsync(filter, cancellationToken: cancellationToken);
            if (name == "-")
            {
                await WriteAsync(parsed.GetValue(_format)!, rows, _output, cancellationToken);
                return ExitCode.Done;
            }

            await using var file = new StreamWriter(OwnerOnly.Open(Path.GetFullPath(name), FileMode.Create, FileAccess.Write), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            long unknown = 0;
            long count = await WriteAsync(parsed.GetValue(_format)!, rows, file, cancellationToken, row => unknown += row.Requests);
            _output.WriteLine($"{name}: {count} rows.{(unknown > 0 ? $" Not in it, for their cost is not known: {Amounts.Requests(unknown)}." : "")}");
            return ExitCode.Done;
        }
        catch (SqliteException exception)
        {
            throw new CliException($"The ledger in {workbench.DataFolder} cannot be read: {exception.Message}");
        }
    }

    private static Task<long> WriteAsync(
        string format, IAsyncEnumerable<LedgerRow> rows, TextWriter output, CancellationToken cancellationToken, Action<LedgerRow>? leftOut = null) => format switch
        {
            Json => RowExport.WriteJsonAsync(rows, RowColumns.All, output, cancellationToken),
            Focus => RowExport.WriteCsvAsync(Charges(rows, leftOut), FocusColumns.All, output, cancellationToken),
            _ => RowExport.WriteCsvAsync(rows, RowColumns.All, output, cancellationToken),
        };

    private static async IAsyncEnumerable<LedgerRow> Charges(IAsyncEnumerable<LedgerRow> rows, Action<LedgerRow>? leftOut)
    {
        await foreach (LedgerRow row in rows)
        {
            if (FocusColumns.Has(row))
            {
                yield return row;
            }
            else
            {
                leftOut?.Invoke(row);
            }
        }
    }

    private LedgerFilter ReadFilter(ParseResult parsed)
    {
        TimeZoneInfo zone = TimeText.Zone(_zone.Name, parsed.GetValue(_zone));
        DateTimeOffset now = _clock.GetUtcNow();
        DateTimeOffset to = parsed.GetValue(_until) is { } until ? TimeText.Parse(_until.Name, until, now, zone, isEnd: true) : now;
        DateTimeOffset from = TimeText.Parse(_since.Name, parsed.GetValue(_since)!, now, zone, isEnd: false);
        return from < to
            ? new LedgerFilter(from, to) { Tenant = parsed.GetValue(_tenant), Model = parsed.GetValue(_model) }
            : throw new CliException($"{_since.Name} must lie before {_until.Name}: {from:u} is not before {to:u}.");
    }
}
