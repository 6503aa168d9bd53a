using System.Text.Json;
using CacheProxy.TestKit;
using CacheProxy.Tuning.Settings;
using Microsoft.Extensions.Configuration;

namespace CacheProxy.Tests.Tuning.Settings;

public sealed class SettingsTextTests
{
    private const string Commented = """
        {
          // What is exact.
          "Exact": { "TtlSeconds": 3600 },
          "semantic": {
            "Policy": "static", // or shadow
            "Threshold": null /* the measured one */
          }, // end
        }
        """;

    [Fact]
    public void With_AnyValue_ChangesNothingElse()
    {
        string changed = new SettingsText(Commented).With("Semantic:Threshold", "0.97").With("Exact:TtlSeconds", "60").Text;

        Assert.Equal(Commented.Replace("null", "0.97", StringComparison.Ordinal).Replace("3600", "60", StringComparison.Ordinal), changed);
    }

    [Theory]
    [InlineData("Semantic:ErrorBound")]
    [InlineData("Exact:Epoch")]
    [InlineData("Flight:Enabled")]
    public void With_AMissingValue_AddsItAndKeepsTheRest(string path)
    {
        string changed = new SettingsText(Commented).With(path, "7").Text;

        Assert.Equal("7", Read(changed)[path]);
        Assert.Equal("7", new SettingsText(changed).ValueAt(path.ToLowerInvariant()));
        Assert.All(new[] { "// What is exact.", "// or shadow", "/* the measured one */", "}, // end" }, comment => Assert.Contains(comment, changed));
        Assert.Equal("static", Read(changed)["Semantic:Policy"]);
        Assert.Equal("3600", Read(changed)["Exact:TtlSeconds"]);
    }

    [Fact]
    public void With_AfterACommentedLine_KeepsTheCommentWithItsValue()
        => Assert.Contains("null, /* the measured one */\n    \"ErrorBound\": 7\n", new SettingsText(Commented.ReplaceLineEndings("\n")).With("Semantic:ErrorBound", "7").Text);

    [Theory]
    [InlineData("{}")]
    [InlineData("{ \"A\": 1 }")]
    [InlineData("{\n}\n")]
    [InlineData("{\"Semantic\":{}}")]
    [InlineData("{\"Semantic\":{\"Policy\":\"off\"}}")]
    [InlineData("{\n  \"Semantic\": {\n  }\n}")]
    [InlineData("{\n  \"Semantic\": null\n}")]
    [InlineData("{\r\n\t\"A\": [1, 2],\r\n}")]
    [InlineData("{ \"Semantic:Policy\": \"off\" }")]
    [InlineData("{ \"A\": 1, // one\n}")]
    [InlineData("{\n  \"A\": 1\n  , // behind it\n}")]
    [InlineData("{\n  \"A\": 1 // one, and a comma\n  ,\n}")]
    [InlineData("{\n  \"A\": 1 /* , */ /* two */ , // three\n}")]
    [InlineData("{\n  \"A\": 1, /* over\n  two, lines */\n}")]
    [InlineData("{\n  \"Semantic\": {\n    \"Rules\": [\n    ], // none\n  }, // end\n}")]
    [InlineData("{ /* ä€🙂 */ \"ä\": \"€\" }")]
    public void With_AnyShape_CanBeReadBack(string text)
    {
        SettingsText changed = new SettingsText(text).With("Semantic:Threshold", "0.5").With("Semantic:Threshold", "0.25").Append("Semantic:Rules", "{ \"Model\": \"m\" }").Append("Semantic:Rules", "{ \"Model\": \"n\" }");

        IConfiguration read = Read(changed.Text);
        Assert.Equal(("0.25", "m", "n"), (read["Semantic:Threshold"], read["Semantic:Rules:0:Model"], read["Semantic:Rules:1:Model"]));
        Assert.Equal(2, changed.CountAt("Semantic:Rules"));
        Assert.All(Read(text).AsEnumerable().Where(pair => pair.Value is { Length: > 0 }), pair => Assert.Equal(pair.Value, read[pair.Key]));
    }

    [Fact]
    public void With_TheElementBehindTheLast_AddsItAndKeepsTheOthers()
    {
        var sut = new SettingsText("""{ "Semantic": { "Rules": [ { "Model": "a" } ] } }""");

        SettingsText changed = sut.With("Semantic:Rules:1:Model", "\"b\"").With("Semantic:Rules:1:Threshold", "0.5");

        IConfiguration read = Read(changed.Text);
        Assert.Equal(("a", "b", "0.5"), (read["Semantic:Rules:0:Model"], read["Semantic:Rules:1:Model"], read["Semantic:Rules:1:Threshold"]));
        Assert.Throws<ArgumentException>(() => sut.With("Semantic:Rules:2:Model", "\"b\""));
        Assert.Throws<ArgumentException>(() => sut.With("Semantic:Rules:x", "1"));
    }

    [Fact]
    public void With_TheShippedFile_ChangesOneLine()
    {
        string shipped = File.ReadAllText(Repository.File("config", "cacheproxy.json"));

        string[] before = shipped.Split('\n'), after = new SettingsText(shipped).With("Semantic:Threshold", "0.97").Text.Split('\n');

        Assert.Equal(before.Length, after.Length);
        Assert.Equal(["    \"Threshold\": 0.97,"], after.Except(before));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{ \"A\": }")]
    [InlineData("{ \"A\": 1 ")]
    [InlineData("{ \"A\": 1 } x")]
    public void Text_NoSettings_Throws(string text) => Assert.ThrowsAny<JsonException>(() => new SettingsText(text));

    private static IConfiguration Read(string json)
        => new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json))).Build();
}
