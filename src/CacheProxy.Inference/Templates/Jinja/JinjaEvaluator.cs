namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>Evaluates expressions.</summary>
internal sealed class JinjaEvaluator(JinjaBudget budget)
{
    public object? Evaluate(JinjaExpression expression, JinjaScope scope)
    {
        budget.Step(expression.Line);
        return expression switch
        {
            JinjaExpression.Literal literal => literal.Value,
            JinjaExpression.Name name => scope.Get(name.Id),
            JinjaExpression.ListOf list => list.Items.Select(item => Evaluate(item, scope)).ToList(),
            JinjaExpression.MapOf map => EvaluateMap(map, scope),
            JinjaExpression.Unary unary => EvaluateUnary(unary, scope),
            JinjaExpression.Binary binary => EvaluateBinary(binary, scope),
            JinjaExpression.Comparison comparison => EvaluateComparison(comparison, scope),
            JinjaExpression.Conditional conditional => EvaluateConditional(conditional, scope),
            JinjaExpression.Attribute attribute => JinjaMembers.GetAttribute(Evaluate(attribute.Target, scope), attribute.Id, attribute.Line),
            JinjaExpression.Index index => JinjaMembers.GetItem(Evaluate(index.Target, scope), Evaluate(index.Key, scope), index.Line),
            JinjaExpression.Slice slice => EvaluateSlice(slice, scope),
            JinjaExpression.Call call => EvaluateCall(call, scope),
            JinjaExpression.Filter filter => JinjaFilters.Apply(
                filter.Id, Evaluate(filter.Target, scope), EvaluateArguments(filter.Arguments, scope, filter.Line)),
            JinjaExpression.Test test => test.Negated != JinjaTests.Apply(
                test.Id, Evaluate(test.Target, scope), EvaluateArguments(test.Arguments, scope, test.Line)),
            _ => throw new JinjaException($"{expression.GetType().Name} is not supported.", expression.Line),
        };
    }

    private JinjaMap EvaluateMap(JinjaExpression.MapOf expression, JinjaScope scope)
    {
        var map = new JinjaMap();
        foreach ((JinjaExpression key, JinjaExpression value) in expression.Items)
        {
            JinjaText name = Evaluate(key, scope) as JinjaText ?? throw new JinjaException("keys of a mapping have to be strings.", expression.Line);
            map.Set(name, Evaluate(value, scope));
        }

        return map;
    }

    private object? EvaluateUnary(JinjaExpression.Unary unary, JinjaScope scope)
    {
        object? operand = Evaluate(unary.Operand, scope);
        return unary.Operator == "not" ? !JinjaValue.IsTrue(operand)
            : JinjaArithmetic.Apply(unary.Operator, 0L, operand, unary.Line, budget);
    }

    private object? EvaluateBinary(JinjaExpression.Binary binary, JinjaScope scope)
    {
        object? left = Evaluate(binary.Left, scope);
        return binary.Operator switch
        {
            "and" => JinjaValue.IsTrue(left) ? Evaluate(binary.Right, scope) : left,
            "or" => JinjaValue.IsTrue(left) ? left : Evaluate(binary.Right, scope),
            _ => JinjaArithmetic.Apply(binary.Operator, left, Evaluate(binary.Right, scope), binary.Line, budget),
        };
    }

    private object EvaluateComparison(JinjaExpression.Comparison comparison, JinjaScope scope)
    {
        object? left = Evaluate(comparison.First, scope);
        foreach ((string comparer, JinjaExpression operand) in comparison.Rest)
        {
            object? right = Evaluate(operand, scope);
            if (!Holds(comparer, left, right, comparison.Line))
            {
                return false;
            }

            left = right;
        }

        return true;
    }

    private static bool Holds(string comparer, object? left, object? right, int line) => comparer switch
    {
        "==" => JinjaValue.AreEqual(left, right),
        "!=" => !JinjaValue.AreEqual(left, right),
        "in" => JinjaValue.Contains(right, left, line),
        "not in" => !JinjaValue.Contains(right, left, line),
        "<" => JinjaValue.Compare(left, right, line) < 0,
        "<=" => JinjaValue.Compare(left, right, line) <= 0,
        ">" => JinjaValue.Compare(left, right, line) > 0,
        _ => JinjaValue.Compare(left, right, line) >= 0,
    };

    private object? EvaluateConditional(JinjaExpression.Conditional conditional, JinjaScope scope)
    {
        if (JinjaValue.IsTrue(Evaluate(conditional.Condition, scope)))
        {
            return Evaluate(conditional.Then, scope);
        }

        return conditional.Else is null ? new JinjaUndefined("the missing else") : Evaluate(conditional.Else, scope);
    }

    private object EvaluateSlice(JinjaExpression.Slice slice, JinjaScope scope)
    {
        object? target = Evaluate(slice.Target, scope);
        long? Bound(JinjaExpression? bound) => bound is null ? null : Evaluate(bound, scope) switch
        {
            null => null,
            long value => value,
            var other => throw new JinjaException($"{JinjaValue.NameOf(other)} is no slice bound.", slice.Line),
        };
        return JinjaMembers.Slice(target, Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step) ?? 1, slice.Line, budget);
    }

    private object? EvaluateCall(JinjaExpression.Call call, JinjaScope scope)
    {
        object? target = Evaluate(call.Target, scope);
        return target is JinjaFunction function
            ? function.Invoke(EvaluateArguments(call.Arguments, scope, call.Line))
            : throw new JinjaException($"{JinjaValue.NameOf(target)} cannot be called.", call.Line);
    }

    private JinjaCall EvaluateArguments(JinjaArguments arguments, JinjaScope scope, int line)
    {
        var positional = new List<object?>(arguments.Positional.Count);
        foreach (JinjaExpression argument in arguments.Positional)
        {
            positional.Add(Evaluate(argument, scope));
        }

        var named = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach ((string id, JinjaExpression value) in arguments.Named)
        {
            named[id] = Evaluate(value, scope);
        }

        return new JinjaCall(positional, named, line, budget);
    }
}
