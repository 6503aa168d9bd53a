using System.CommandLine;
using System.Text.Json.Nodes;

namespace CacheProxy.Cli;

/// <summary><c>tenant list</c> and <c>tenant id</c>, which reads the key from standard input: in the arguments others could see it.</summary>
internal static class TenantVerb
{
    public static Command Create(TextReader input, TextWriter output)
    {
        var verb = new Command("tenant", "Shows the names of tenants, or the id of an API key, for Tenants:Names in the settings.");
        verb.Subcommands.Add(CreateList(output));
        verb.Subcommands.Add(CreateId(input, output));
        return verb;
    }

    private static Command CreateList(TextWriter output)
    {
        var verb = new Command("list", "Shows the names and the ids of their keys.");
        AdminAddress address = AdminAddress.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using AdminClient client = address.Connect(parsed);
            JsonNode reply = await client.GetAsync("admin/tenants", cancellationToken);
            Table.Write(output, ["NAME", "KEY ID"], reply["tenants"]!.AsArray().Select(tenant => new[] { (string)tenant!["name"]!, (string)tenant["key_id"]! }));
            return ExitCode.Done;
        });
        return verb;
    }

    private static Command CreateId(TextReader input, TextWriter output)
    {
        var verb = new Command("id", "Prints the id of the API key that comes in on standard input.");
        AdminAddress address = AdminAddress.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            string? key = (await input.ReadLineAsync(cancellationToken))?.Trim();
            if (string.IsNullOrEmpty(key))
            {
                throw new CliException("There is no key on standard input.");
            }

            using AdminClient client = address.Connect(parsed);
            JsonNode reply = await client.PostAsync("admin/tenants/id", new JsonObject { ["key"] = key }, cancellationToken);
            output.WriteLine((string)reply["key_id"]!);
            return ExitCode.Done;
        });
        return verb;
    }
}
