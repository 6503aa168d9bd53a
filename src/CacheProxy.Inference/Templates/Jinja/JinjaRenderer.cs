namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>Runs the statements of one rendering.</summary>
internal sealed class JinjaRenderer
{
    private readonly JinjaBudget _budget = new();
    private readonly JinjaEvaluator _evaluator;
    private JinjaText.Builder _output = new();

    private JinjaRenderer() => _evaluator = new JinjaEvaluator(_budget);

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    /// <exception cref="JinjaException">The template failed, raised or took too much.</exception>
    public static JinjaText Render(IReadOnlyList<JinjaStatement> body, JinjaScope globals)
    {
        var renderer = new JinjaRenderer();
        renderer.Run(body, new JinjaScope(globals));
        return renderer._output.Build();
    }

    private Flow Run(IReadOnlyList<JinjaStatement> body, JinjaScope scope)
    {
        foreach (JinjaStatement statement in body)
        {
            _budget.Step(statement.Line);
            Flow flow = Run(statement, scope);
            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    private Flow Run(JinjaStatement statement, JinjaScope scope)
    {
        switch (statement)
        {
            case JinjaStatement.Data data:
                Write(JinjaText.FromTemplate(data.Text), data.Line);
                return Flow.Next;
            case JinjaStatement.Output output:
                Write(JinjaValue.ToText(_evaluator.Evaluate(output.Value, scope)), output.Line);
                return Flow.Next;
            case JinjaStatement.If branch:
                return RunIf(branch, scope);
            case JinjaStatement.For loop:
                RunFor(loop, scope);
                return Flow.Next;
            case JinjaStatement.Set set:
                Assign(set, _evaluator.Evaluate(set.Value, scope), scope);
                return Flow.Next;
            case JinjaStatement.SetBlock block:
                AssignOne(block.Target, block.Attribute, Capture(block.Body, new JinjaScope(scope)), scope, block.Line);
                return Flow.Next;
            case JinjaStatement.Macro macro:
                scope.Set(macro.Id, new JinjaFunction(macro.Id, call => CallMacro(macro, scope, call)));
                return Flow.Next;
            case JinjaStatement.Group group:
                return Run(group.Body, scope);
            default:
                return statement is JinjaStatement.Break ? Flow.Break : Flow.Continue;
        }
    }

    private Flow RunIf(JinjaStatement.If branch, JinjaScope scope)
    {
        foreach ((JinjaExpression condition, IReadOnlyList<JinjaStatement> body) in branch.Branches)
        {
            if (JinjaValue.IsTrue(_evaluator.Evaluate(condition, scope)))
            {
                return Run(body, scope);
            }
        }

        return Run(branch.Else, scope);
    }

    private void RunFor(JinjaStatement.For loop, JinjaScope outer)
    {
        IReadOnlyList<object?> items = JinjaValue.Iterate(_evaluator.Evaluate(loop.Items, outer), loop.Line);
        if (loop.Filter is not null)
        {
            items = [.. items.Where(item => JinjaValue.IsTrue(_evaluator.Evaluate(loop.Filter, Bind(loop, item, outer))))];
        }

        if (items.Count == 0)
        {
            Run(loop.Else, new JinjaScope(outer));
            return;
        }

        for (int index = 0; index < items.Count; index++)
        {
            _budget.Step(loop.Line, JinjaBudget.IterationCost);
            JinjaScope scope = Bind(loop, items[index], outer);
            scope.Set("loop", DescribeLoop(items, index));
            if (Run(loop.Body, scope) == Flow.Break)
            {
                return;
            }
        }
    }

    private static JinjaScope Bind(JinjaStatement.For loop, object? item, JinjaScope outer)
    {
        var scope = new JinjaScope(outer);
        BindTargets(loop.Targets, item, scope, loop.Line);
        return scope;
    }

    private static JinjaMap DescribeLoop(IReadOnlyList<object?> items, int index)
    {
        var loop = new JinjaMap();
        loop.Set("index", index + 1L);
        loop.Set("index0", (long)index);
        loop.Set("revindex", (long)(items.Count - index));
        loop.Set("revindex0", (long)(items.Count - index - 1));
        loop.Set("first", index == 0);
        loop.Set("last", index == items.Count - 1);
        loop.Set("length", (long)items.Count);
        loop.Set("previtem", index > 0 ? items[index - 1] : new JinjaUndefined("loop.previtem"));
        loop.Set("nextitem", index < items.Count - 1 ? items[index + 1] : new JinjaUndefined("loop.nextitem"));
        loop.Set("cycle", new JinjaFunction("cycle", call => call.Positional.Count == 0 ? null : call.Positional[index % call.Positional.Count]));
        return loop;
    }

    private static void BindTargets(IReadOnlyList<string> targets, object? value, JinjaScope scope, int line)
    {
        if (targets.Count == 1)
        {
            scope.Set(targets[0], value);
            return;
        }

        IReadOnlyList<object?> parts = JinjaValue.Iterate(value, line);
        if (parts.Count != targets.Count)
        {
            throw new JinjaException($"{parts.Count} values for {targets.Count} names.", line);
        }

        for (int i = 0; i < targets.Count; i++)
        {
            scope.Set(targets[i], parts[i]);
        }
    }

    private static void Assign(JinjaStatement.Set set, object? value, JinjaScope scope)
    {
        if (set.Targets.Count == 1)
        {
            AssignOne(set.Targets[0], set.Attribute, value, scope, set.Line);
        }
        else
        {
            BindTargets(set.Targets, value, scope, set.Line);
        }
    }

    private static void AssignOne(string target, string? attribute, object? value, JinjaScope scope, int line)
    {
        if (attribute is null)
        {
            scope.Set(target, value);
        }
        else if (scope.Get(target) is JinjaNamespace holder)
        {
            holder.Set(attribute, value);
        }
        else
        {
            throw new JinjaException($"'{target}' is no namespace, so '{target}.{attribute}' cannot be set.", line);
        }
    }

    private JinjaText CallMacro(JinjaStatement.Macro macro, JinjaScope outer, JinjaCall call)
    {
        if (call.Positional.Count > macro.Parameters.Count)
        {
            throw call.Error($"macro '{macro.Id}' takes {macro.Parameters.Count} arguments, not {call.Positional.Count}");
        }

        if (++_budget.CallDepth > JinjaBudget.MaxCallDepth)
        {
            throw call.Error($"macros call each other more than {JinjaBudget.MaxCallDepth} deep");
        }

        var scope = new JinjaScope(outer);
        for (int i = 0; i < macro.Parameters.Count; i++)
        {
            (string id, JinjaExpression? byDefault) = macro.Parameters[i];
            scope.Set(id, call.Has(i, id) ? call.Get(i, id) : byDefault is null ? new JinjaUndefined(id) : _evaluator.Evaluate(byDefault, scope));
        }

        JinjaText text = Capture(macro.Body, scope);
        _budget.CallDepth--;
        return text;
    }

    private JinjaText Capture(IReadOnlyList<JinjaStatement> body, JinjaScope scope)
    {
        (JinjaText.Builder outside, _output) = (_output, new JinjaText.Builder());
        Run(body, scope);
        JinjaText text = _output.Build();
        _output = outside;
        return text;
    }

    private void Write(JinjaText text, int line)
    {
        _budget.Step(line, text.Length / 16);
        _budget.CheckSize(line, (long)_output.Length + text.Length);
        _output.Append(text);
    }
}
