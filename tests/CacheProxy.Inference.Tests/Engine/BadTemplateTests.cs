using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Tests.Gguf;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Engine;

public sealed class BadTemplateTests
{
    [Fact]
    public void Load_MalformedChatTemplate_NamesFileAndField()
    {
        byte[] model = File.ReadAllBytes(Fixture.Path("llama-gqa-f16.gguf"));
        int statement = model.AsSpan().IndexOf("{%- for message in"u8);
        "{%- fox"u8.CopyTo(model.AsSpan(statement));
        using var file = new TemporaryFile(model);

        var error = Assert.Throws<ModelFormatException>(() => LanguageModel.Load(file.Path));

        Assert.Equal((file.Path, "chat_template"), (error.File, error.Field));
        Assert.Contains("line 1", error.Message, StringComparison.Ordinal);
    }
}
