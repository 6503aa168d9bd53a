using System.Diagnostics;
using System.Text.Json;
using CacheProxy.Inference.Constraints;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.TestKit;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Tests.Constraints;

/// <summary>Whatever the logits say, what comes out is JSON and fits its schema.</summary>
public sealed class JsonSchemaPropertyTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 120)]
    [InlineData(2, 120)]
    public void Write_RandomSchemasBundledVocabulary_AlwaysValid(int seed, int schemas)
    {
        long started = Stopwatch.GetTimestamp();
        (int complete, int cut) = WriteAll(BundledVocabulary.Instance, seed, schemas, answers: 3, maxTokens: 120);

        output.WriteLine($"{complete} documents, {cut} cut, {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
        Assert.True(complete > cut, $"only {complete} of {complete + cut} came to an end");
    }

    [Theory]
    [InlineData(11, 700)]
    [InlineData(12, 700)]
    public void Write_RandomSchemasBytesAlone_AlwaysValid(int seed, int schemas)
    {
        (int complete, int cut) = WriteAll(new ByteVocabulary(), seed, schemas, answers: 3, maxTokens: 500);

        Assert.True(complete > cut, $"only {complete} of {complete + cut} came to an end");
    }

    [Fact]
    public void Write_AnyObject_IsAnObject()
    {
        var factory = new ConstraintFactory(BundledVocabulary.Instance);
        var writer = new RandomWriter(BundledVocabulary.Instance, 5);
        int complete = 0;
        for (int i = 0; i < 100; i++)
        {
            if (writer.Write(factory.JsonObject(), 200, endBias: 9f) is not { } text)
            {
                continue;
            }

            using JsonDocument document = JsonDocument.Parse(text);
            Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
            complete++;
        }

        Assert.True(complete > 50);
    }

    private static (int Complete, int Cut) WriteAll(ITokenVocabulary vocabulary, int seed, int schemas, int answers, int maxTokens)
    {
        var factory = new ConstraintFactory(vocabulary);
        var generator = new SchemaGenerator(seed);
        var writer = new RandomWriter(vocabulary, seed);
        (int complete, int cut) = (0, 0);
        for (int i = 0; i < schemas; i++)
        {
            string schema = generator.Next().ToJsonString();
            ITokenConstraint constraint;
            try
            {
                constraint = factory.JsonSchema(schema);
            }
            catch (ConstraintException refusal) when (refusal.Path.EndsWith("minItems", StringComparison.Ordinal))
            {
                // A closed prefix shorter than the least length: no document fits.
                continue;
            }

            using JsonDocument root = JsonDocument.Parse(schema);
            for (int answer = 0; answer < answers; answer++)
            {
                if (writer.Write(constraint, maxTokens) is not { } text)
                {
                    cut++;
                    continue;
                }

                complete++;
                using JsonDocument document = JsonDocument.Parse(text);
                string? error = new SchemaValidator(root.RootElement).Validate(document.RootElement);
                Assert.True(error is null, $"{error}\nschema {schema}\ntext {text}");
            }
        }

        return (complete, cut);
    }
}
