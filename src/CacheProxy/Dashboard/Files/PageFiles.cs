using System.Collections.Frozen;
using System.Reflection;

namespace CacheProxy.Dashboard.Files;

/// <summary>The dashboard's files, out of the assembly: nothing is read from disk, nothing is fetched from elsewhere.</summary>
internal sealed class PageFiles
{
    private const string Prefix = "dashboard/";
    private const string Start = "index.html";

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
        => assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[Prefix.Length..], name => new PageFile(ContentTypeOf(name), Read(assembly, name)), StringComparer.Ordinal);

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
