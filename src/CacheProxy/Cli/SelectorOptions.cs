using System.CommandLine;
using System.Text.Json.Nodes;

namespace CacheProxy.Cli;

/// <summary>The options that select entries: all given ones must match.</summary>
internal sealed class SelectorOptions
{
    private static readonly (string Option, string Field, string Help, string Value)[] Plain =
    [
        ("--id", "id", "The entry with this id (X-CacheProxy-Entry).", "ID"),
        ("--tag", "tag", "Entries with this tag.", "TAG"),
        ("--namespace", "namespace", "Entries of this namespace; \"\" is the common one.", "NAME"),
        ("--model", "model", "Entries of this model, as clients name it.", "MODEL"),
        ("--tenant", "tenant", "Entries of this tenant, by its name, its key's id or its hash.", "NAME"),
        ("--user-id", "user_id", "Entries of this user, by its hash.", "HASH"),
        ("--from", "created_from", "Made then or later (2026-01-31T12:00:00Z).", "TIME"),
        ("--before", "created_before", "Made earlier.", "TIME"),
        ("--prefix", "prefix_id", "Entries whose prompt begins like this (X-CacheProxy-Prefix).", "ID"),
        ("--fingerprint", "fingerprint", "The entry with this fingerprint.", "HEX"),
    ];

    private static readonly (string Option, string Field, string Help, string Value)[] Secret =
    [
        ("--api-key", "api_key", "Entries of the tenant with this API key.", "KEY"),
        ("--user", "user", "Entries of requests with this user field.", "NAME"),
    ];

    private readonly List<(Option<string?> Option, string Field)> _options = [];

    /// <param name="takesSecrets">Keys and names of users too: where they go in a body.</param>
    public static SelectorOptions AddTo(Command verb, bool takesSecrets)
    {
        var selector = new SelectorOptions();
        foreach ((string name, string field, string help, string value) in takesSecrets ? [.. Plain, .. Secret] : Plain)
        {
            var option = new Option<string?>(name) { Description = help, HelpName = value };
            selector._options.Add((option, field));
            verb.Options.Add(option);
        }

        return selector;
    }

    public JsonObject Read(ParseResult parsed)
    {
        var fields = new JsonObject();
        foreach ((Option<string?> option, string field) in _options)
        {
            if (parsed.GetValue(option) is { } value)
            {
                fields[field] = value;
            }
        }

        return fields;
    }

    /// <summary>With a question mark in front; empty where nothing is given.</summary>
    public static string ToQuery(JsonObject fields)
    {
        string query = string.Join('&', fields.Select(field => $"{field.Key}={Uri.EscapeDataString(field.Value!.ToString())}"));
        return query.Length > 0 ? "?" + query : "";
    }
}
