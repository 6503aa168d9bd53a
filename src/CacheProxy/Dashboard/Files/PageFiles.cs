using System.Collections.Frozen;
using System.Reflection;
using System.Text;

namespace CacheProxy.Dashboard.Files;

/// <summary>
/// The dashboard's files, out of the assembly: nothing is read from disk, nothing is fetched from elsewhere. Scripts and styles go over the wire as one
/// file each, under addresses that name their content.
/// </summary>
internal sealed class PageFiles
{
    private const string Prefix = "dashboard/";
    private const string Start = "index.html";
    private const string Script = "app.js";
    private const string Style = "app.css";
    private const string Charts = "lib/uPlot";

    // In the order in which later rules win.
    private static readonly string[] Styles = [Charts + ".css", "css/colours.css", "css/base.css", "css/shell.css", "css/parts.css", "css/charts.css", "css/print.css"];

    private readonly FrozenDictionary<string, PageFile> _files = Load(typeof(PageFiles).Assembly);

    /// <summary>Paths behind <c>/dashboard/</c>.</summary>
    public IReadOnlyCollection<string> Paths => _files.Keys;

    /// <summary>
    /// The file of a path; the start page for what looks like a page of it, so that its address can be kept and sent. Null: there is none.
    /// </summary>
    /// <param name="path">Behind <c>/dashboard/</c>; empty: the start.</param>
    public PageFile? Find(string path)
        => _files.TryGetValue(path, out PageFile? file) ? file
            : path.AsSpan(path.LastIndexOf('/') + 1).Contains('.') ? null
            : _files[Start];

    private static FrozenDictionary<string, PageFile> Load(Assembly assembly)
    {
        Dictionary<string, byte[]> sources = assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(name => name[Prefix.Length..], name => Read(assembly, name), StringComparer.Ordinal);
        Dictionary<string, string> texts = sources.Where(source => ContentTypeOf(source.Key).StartsWith("text/", StringComparison.Ordinal))
            .ToDictionary(source => source.Key, source => Encoding.UTF8.GetString(source.Value), StringComparer.Ordinal);
        string style = string.Concat(Styles.Select(path => texts[path].ReplaceLineEndings("\n") + "\n"));
        string script = texts[Charts + ".js"] + "\n" + ScriptBundle.Of(texts, "js/app.js");
        var files = sources.Where(source => Path.GetExtension(source.Key) is not (".js" or ".css"))
            .ToDictionary(source => source.Key, source => FileOf(source.Key, source.Value), StringComparer.Ordinal);
        files[Style] = FileOf(Style, Encoding.UTF8.GetBytes(style));
        files[Script] = FileOf(Script, Encoding.UTF8.GetBytes(script));
        files[Start] = FileOf(Start, Encoding.UTF8.GetBytes(WithVersions(texts[Start], files)));
        return files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    // What is asked for by its version is never asked for again.
    private static string WithVersions(string page, Dictionary<string, PageFile> files)
        => files.Where(file => file.Key != Start).Aggregate(page, (text, file) => text.Replace($"\"/dashboard/{file.Key}\"", $"\"/dashboard/{file.Key}?v={file.Value.Version}\"", StringComparison.Ordinal));

    private static PageFile FileOf(string path, byte[] bytes) => new(ContentTypeOf(path), bytes);

    private static byte[] Read(Assembly assembly, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream(name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string ContentTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".json" or ".webmanifest" => "application/json",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        ".txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
}
