using System.CommandLine;
using System.Text.Json.Nodes;

namespace CacheProxy.Cli;

/// <summary><c>epoch list</c> and <c>epoch bump NAMESPACE</c>.</summary>
internal static class EpochVerb
{
    public static Command Create(TextWriter output)
    {
        var verb = new Command("epoch", "Shows the namespaces' epochs, or raises one: nothing that was stored in it before is found any more.");
        verb.Subcommands.Add(CreateList(output));
        verb.Subcommands.Add(CreateBump(output));
        return verb;
    }

    private static Command CreateList(TextWriter output)
    {
        var verb = new Command("list", "Shows the namespaces that were bumped.");
        AdminAddress address = AdminAddress.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using AdminClient client = address.Connect(parsed);
            JsonNode reply = await client.GetAsync("admin/epochs", cancellationToken);
            Table.Write(output, ["NAMESPACE", "EPOCH"], reply["epochs"]!.AsObject().Select(pair => new[] { NameOf(pair.Key), pair.Value!.ToString() }));
            return ExitCode.Done;
        });
        return verb;
    }

    private static Command CreateBump(TextWriter output)
    {
        var verb = new Command("bump", "Raises a namespace's epoch.");
        var space = new Argument<string>("NAMESPACE") { Description = "\"\" is the common one." };
        verb.Arguments.Add(space);
        AdminAddress address = AdminAddress.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using AdminClient client = address.Connect(parsed);
            string name = string.Join('/', parsed.GetValue(space)!.Split('/').Select(Uri.EscapeDataString));
            JsonNode reply = await client.PostAsync($"admin/epochs/{name}", null, cancellationToken);
            Table.Write(output, ["NAMESPACE", "EPOCH"], [[NameOf((string)reply["namespace"]!), reply["epoch"]!.ToString()]]);
            return Warn(output, reply);
        });
        return verb;
    }

    private static int Warn(TextWriter output, JsonNode reply)
    {
        if (!(bool)reply["shared"]!)
        {
            output.WriteLine("Redis could not be reached: the other proxies hear of it when it can be.");
        }

        if (!(bool)reply["kept"]!)
        {
            output.WriteLine("The data folder could not be written: a restart forgets it.");
        }

        return (bool)reply["kept"]! ? ExitCode.Done : ExitCode.Failed;
    }

    private static string NameOf(string space) => space.Length == 0 ? "(common)" : space;
}
