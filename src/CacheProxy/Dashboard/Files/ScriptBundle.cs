using System.Text;
using System.Text.RegularExpressions;

namespace CacheProxy.Dashboard.Files;

/// <summary>
/// The dashboard's modules as one script: a browser spends more time on asking for forty of them than on all else of a first load. Each module becomes a
/// function that runs once, after those that it needs, and gives back what it exports. It knows the forms of import and export that the modules use;
/// another one is a fault that the start, and a test, report.
/// </summary>
internal sealed partial class ScriptBundle
{
    private readonly IReadOnlyDictionary<string, string> _modules;
    private readonly HashSet<string> _added = new(StringComparer.Ordinal);
    private readonly List<string> _under = [];
    private readonly StringBuilder _script = new();

    private ScriptBundle(IReadOnlyDictionary<string, string> modules) => _modules = modules;

    /// <param name="modules">Sources by path.</param>
    /// <param name="start">The path of the module that runs last; what it does not need is left out.</param>
    /// <exception cref="InvalidDataException">A module is not there, needs itself, or uses a form that is not known.</exception>
    public static string Of(IReadOnlyDictionary<string, string> modules, string start)
    {
        var bundle = new ScriptBundle(modules);
        bundle.Add(start);
        return $"(() => {{\n'use strict';\n{bundle._script}}})();\n";
    }

    private void Add(string path)
    {
        if (_under.Contains(path))
        {
            throw new InvalidDataException($"{path} of the dashboard needs itself: {string.Join(", ", _under)}.");
        }

        if (!_added.Add(path))
        {
            return;
        }

        string source = _modules.TryGetValue(path, out string? text) ? text : throw new InvalidDataException($"The dashboard has no {path}.");
        _under.Add(path);
        string body = Import().Replace(Comment().Replace(source, ""), match => Needed(path, match, name => match.Groups["names"] is { Success: true } names
            ? $"const {{{names.Value.Replace(" as ", ": ", StringComparison.Ordinal)}}} = {name};"
            : ""));
        body = LateImport().Replace(body, match => Needed(path, match, name => $"() => Promise.resolve({name})"));
        _under.Remove(path);
        string exported = string.Join(", ", Export().Matches(body).Select(match => match.Groups["name"].Value));
        body = Export().Replace(body, "${form} ${name}");
        if (Unknown().Match(body) is { Success: true } unknown)
        {
            throw new InvalidDataException($"{path} of the dashboard has a line that cannot be bundled: {unknown.Value}");
        }

        _script.Append($"const {NameOf(path)} = (() => {{\n{body.Trim()}\nreturn {{ {exported} }};\n}})();\n");
    }

    private string Needed(string path, Match import, Func<string, string> write)
    {
        string needed = new Uri(new Uri("file:///" + path), import.Groups["path"].Value).AbsolutePath[1..];
        Add(needed);
        return write(NameOf(needed));
    }

    private static string NameOf(string path) => "$" + NotInNames().Replace(path, "_");

    [GeneratedRegex(@"^import (?:\{(?<names>[^}]+)\} from )?'(?<path>[^']+)';$", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(@"\(\) => import\('(?<path>[^']+)'\)")]
    private static partial Regex LateImport();

    [GeneratedRegex(@"^export (?<form>(?:async )?function|const|class) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Export();

    // They are for whoever reads the sources; whole lines of them leave no line.
    [GeneratedRegex(@"^[ \t]*(?:/\*\*(?:[^*]|\*(?!/))*\*/|//.*)[ \t]*\n|/\*\*(?:[^*]|\*(?!/))*\*/ ?", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^(?:import|export)\b.*|\bimport\(.*", RegexOptions.Multiline)]
    private static partial Regex Unknown();

    [GeneratedRegex(@"\W")]
    private static partial Regex NotInNames();
}
