using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CacheProxy.Ledger.Export;

/// <summary>Writes rows as comma-separated values (RFC 4180) or as lines of JSON, one after the other: however many there are, they take no memory.</summary>
public static class RowExport
{
    private const string TimeForm = "yyyy-MM-ddTHH:mm:ss.fffZ";
    private const string MoneyForm = "0.############";

    /// <summary>The names in the first line.</summary>
    /// <returns>How many rows there were.</returns>
    public static async Task<long> WriteCsvAsync(IAsyncEnumerable<LedgerRow> rows, IReadOnlyList<RowColumn> columns, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteAsync(string.Join(',', columns.Select(column => column.Name)) + "\r\n");
        long count = 0;
        var line = new StringBuilder();
        await foreach (LedgerRow row in rows.WithCancellation(cancellationToken))
        {
            line.Clear();
            foreach (RowColumn column in columns)
            {
                line.Append(line.Length > 0 || column != columns[0] ? "," : "").Append(Quote(TextOf(column.Value(row))));
            }

            await output.WriteAsync(line.Append("\r\n"), cancellationToken);
            count++;
        }

        return count;
    }

    /// <summary>An object a line; what is unknown is null.</summary>
    /// <returns>How many rows there were.</returns>
    public static async Task<long> WriteJsonAsync(IAsyncEnumerable<LedgerRow> rows, IReadOnlyList<RowColumn> columns, TextWriter output, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        long count = 0;
        await foreach (LedgerRow row in rows.WithCancellation(cancellationToken))
        {
            buffer.SetLength(0);
            json.Reset();
            json.WriteStartObject();
            foreach (RowColumn column in columns)
            {
                json.WritePropertyName(column.Name);
                Write(json, column.Value(row));
            }

            json.WriteEndObject();
            json.Flush();
            await output.WriteAsync(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n");
            count++;
        }

        return count;
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case long number:
                json.WriteNumberValue(number);
                break;
            case decimal or double:
                json.WriteRawValue(TextOf(value));
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case null:
                json.WriteNullValue();
                break;
            default:
                json.WriteStringValue(TextOf(value));
                break;
        }
    }

    private static string TextOf(object? value) => value switch
    {
        null => "",
        true => "true",
        false => "false",
        DateTimeOffset time => time.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture),
        decimal money => money.ToString(MoneyForm, CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Quote(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
