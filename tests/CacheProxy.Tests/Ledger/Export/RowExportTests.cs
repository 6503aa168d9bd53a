using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Export;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Ledger.Export;

/// <summary>Columns and quoting, character by character.</summary>
public class RowExportTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 31, 23, 59, 59, 500, TimeSpan.Zero);

    private static readonly LedgerRow Hit = SampleRows.Hit(Time);

    private static readonly LedgerRow Miss = new()
    {
        Time = Time,
        Tenant = "Müller, \"Söhne\"",
        Model = "m\r\n1",
        Upstream = "up",
        Outcome = CacheOutcome.Miss,
        Status = 200,
        Usage = new TokenCounts(10, 2),
        Price = Hit.Price,
        Paid = new Money(45_001),
        FirstByteSeconds = 0.5,
        TotalSeconds = 1.5,
    };

    [Fact]
    public async Task Csv_QuotesWhatNeedsIt_AndReadsBack()
    {
        string text = await CsvAsync(RowColumns.All, Miss);

        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        Assert.Contains(",\"Müller, \"\"Söhne\"\"\",,\"m\r\n1\",up,", text, StringComparison.Ordinal);
        List<List<string>> lines = Parse(text);
        Assert.Equal(2, lines.Count);
        Assert.Equal(RowColumns.All.Select(column => column.Name), lines[0]);
        Dictionary<string, string> row = lines[0].Zip(lines[1]).ToDictionary(pair => pair.First, pair => pair.Second);
        Assert.Equal(("Müller, \"Söhne\"", "m\r\n1", "2026-01-31T23:59:59.500Z"), (row["tenant"], row["model"], row["time"]));
        Assert.Equal(("0.000045001", "0", "2.5", "10", "", "1.5"), (row["paid_usd"], row["avoided_usd"], row["price_input"], row["prompt_tokens"], row["cached_read_tokens"], row["total_seconds"]));
    }

    [Fact]
    public async Task Json_SaysUnknownAsNull_NeverAsZero()
    {
        using var output = new StringWriter();
        await RowExport.WriteJsonAsync(Rows(Miss, Miss with { Paid = null, Usage = TokenCounts.Unknown }), RowColumns.All, output, TestContext.Current.CancellationToken);

        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        JsonElement known = JsonDocument.Parse(lines[0]).RootElement, unknown = JsonDocument.Parse(lines[1]).RootElement;
        Assert.Equal(2, lines.Length);
        Assert.Equal((0.000045001m, 10, Miss.Tenant), (known.GetProperty("paid_usd").GetDecimal(), known.GetProperty("prompt_tokens").GetInt32(), known.GetProperty("tenant").GetString()));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (unknown.GetProperty("paid_usd").ValueKind, unknown.GetProperty("prompt_tokens").ValueKind));
        Assert.Equal(RowColumns.All.Select(column => column.Name), known.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task Focus_IsAsTheGoldenFileHasIt()
    {
        string text = await CsvAsync(FocusColumns.All, Miss, Hit, Miss with { Price = null, Usage = TokenCounts.Unknown, Requests = 3, Work = LedgerWork.Judge });

        string golden = await File.ReadAllTextAsync(Repository.File("tests", "CacheProxy.Tests", "Ledger", "Export", "Fixtures", "focus.csv"), TestContext.Current.CancellationToken);
        if (golden.ReplaceLineEndings("\n") != text.ReplaceLineEndings("\n"))
        {
            // For whoever changed the columns on purpose: to be looked at, and copied over the old one.
            await File.WriteAllTextAsync(Path.Combine(AppContext.BaseDirectory, "focus.csv"), text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(golden.ReplaceLineEndings("\n"), text.ReplaceLineEndings("\n"));
    }

    private static async Task<string> CsvAsync(IReadOnlyList<RowColumn> columns, params LedgerRow[] rows)
    {
        using var output = new StringWriter();
        Assert.Equal(rows.Length, await RowExport.WriteCsvAsync(Rows(rows), columns, output, TestContext.Current.CancellationToken));
        return output.ToString();
    }

    private static async IAsyncEnumerable<LedgerRow> Rows(params LedgerRow[] rows)
    {
        await Task.CompletedTask;
        foreach (LedgerRow row in rows)
        {
            yield return row;
        }
    }

    // RFC 4180, by hand: the writer is not to be believed.
    private static List<List<string>> Parse(string text)
    {
        var lines = new List<List<string>> { new() };
        var field = new System.Text.StringBuilder();
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
            {
                field.Append(text[i++]);
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && c is ',' or '\r' && !quoted)
            {
                lines[^1].Add(field.ToString());
                field.Clear();
                if (c == '\r' && i + 2 < text.Length)
                {
                    lines.Add([]);
                }

                i += c == '\r' ? 1 : 0;
            }
            else
            {
                field.Append(c);
            }
        }

        return lines;
    }
}
