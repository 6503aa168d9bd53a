using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;

namespace CacheProxy.Cli;

/// <summary><c>seed FILE</c>: questions with answers. All lines are checked before one is stored.</summary>
internal static class SeedVerb
{
    private const int LinesPerCall = 1000;

    public static Command Create(TextWriter output)
    {
        var verb = new Command("seed", """
            Stores questions with their answers, to be found as if they had been asked.
            Each line of the file is an object: "question" (with "model" and, if clients send one, "system"), "messages" (with "model") or "request" (a whole
            request); "answer", a text or the provider's whole answer; and, if wanted, "namespace", "tags", "ttl_seconds", "dialect", "tenant" or "api_key".
            """);
        var file = new Argument<FileInfo>("FILE").AcceptExistingOnly();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only check the lines." };
        verb.Arguments.Add(file);
        verb.Options.Add(dryRun);
        AdminAddress address = AdminAddress.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using AdminClient client = address.Connect(parsed);
            FileInfo source = parsed.GetValue(file)!;
            int faults = await CheckAsync(client, source, output, cancellationToken);
            if (faults > 0 || parsed.GetValue(dryRun))
            {
                output.WriteLine(faults > 0 ? $"{faults} faulty lines: nothing was stored." : "All lines are well: nothing was stored.");
                return faults > 0 ? ExitCode.Failed : ExitCode.Done;
            }

            long seeded = 0;
            await foreach ((_, string lines) in ChunksAsync(source, cancellationToken))
            {
                JsonNode reply = await SendAsync(client, lines, isDryRun: false, cancellationToken);
                seeded += (long)reply["seeded"]!;
            }

            Table.Write(output, ["SEEDED"], [[seeded.ToString(System.Globalization.CultureInfo.InvariantCulture)]]);
            return ExitCode.Done;
        });
        return verb;
    }

    private static async Task<int> CheckAsync(AdminClient client, FileInfo source, TextWriter output, CancellationToken cancellationToken)
    {
        int count = 0;
        await foreach ((int before, string lines) in ChunksAsync(source, cancellationToken))
        {
            foreach (JsonNode? fault in (await SendAsync(client, lines, isDryRun: true, cancellationToken))["faults"]!.AsArray())
            {
                count++;
                output.WriteLine($"{source.Name}:{before + (long)fault!["line"]!}: {(string)fault["message"]!}");
            }
        }

        return count;
    }

    private static Task<JsonNode> SendAsync(AdminClient client, string lines, bool isDryRun, CancellationToken cancellationToken)
        => client.PostLinesAsync($"admin/seed?dry_run={(isDryRun ? "true" : "false")}", new StringContent(lines, Encoding.UTF8), cancellationToken);

    // Empty lines are sent too: they count.
    private static async IAsyncEnumerable<(int Before, string Lines)> ChunksAsync(
        FileInfo source, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunk = new StringBuilder();
        int total = 0, inChunk = 0;
        using var reader = new StreamReader(source.OpenRead(), Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            chunk.Append(line).Append('\n');
            if (++inChunk == LinesPerCall)
            {
                yield return (total, chunk.ToString());
                total += inChunk;
                inChunk = 0;
                chunk.Clear();
            }
        }

        if (inChunk > 0)
        {
            yield return (total, chunk.ToString());
        }
    }
}
