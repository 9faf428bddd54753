using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plays.Engine;

/// <summary>The ways in which a play says what must be heard.</summary>
internal static class Hearing
{
    private const int MostPassed = 50;

    /// <summary>These, one after another.</summary>
    public static async Task InOrderAsync(Ears ears, List<Pattern> patterns, CancellationToken ct)
    {
        foreach (var pattern in patterns)
        {
            var element = await ears.TakeAsync(ct) ?? throw new PlayException($"the stream ended ({ears.End}).");
            if (pattern.Differs(element) is { } difference) throw new PlayException($"{difference}\nheard {element}");
        }
    }

    /// <summary>These are among what comes next; others stay waiting.</summary>
    public static async Task AnyOrderAsync(Ears ears, List<Pattern> patterns, CancellationToken ct)
    {
        var passed = new List<Element>();
        try
        {
            while (patterns.Count > 0)
            {
                var element = await ears.TakeAsync(ct) ?? throw new PlayException($"the stream ended ({ears.End}).");
                var index = patterns.FindIndex(p => p.Differs(element) is null);
                if (index < 0) passed.Add(element);
                else patterns.RemoveAt(index);
                if (passed.Count > MostPassed) throw new PlayException($"none of {MostPassed} is what is expected; the first: {passed[0]}");
            }
        }
        finally
        {
            ears.PutBack(passed);
        }
    }

    /// <summary>Nothing at all.</summary>
    public static async Task NothingAsync(Ears ears, CancellationToken ct)
    {
        if (!ears.CanFence) throw new PlayException("nobody can say that nothing comes where no resource is bound.");
        await ears.FenceAsync(ct);
        if (ears.Waiting is [var first, ..]) throw new PlayException($"heard {first}");
    }

    /// <summary>The stream ends, with exactly these conditions; empty: without an error.</summary>
    public static async Task EndAsync(Ears ears, string conditions, CancellationToken ct)
    {
        while (await ears.TakeAsync(ct) is not null)
        {
            // What came before the end.
        }

        if (ears.End != (conditions.Length == 0 ? Actor.Closed : conditions)) throw new PlayException($"the stream ended otherwise: {ears.End}");
    }
}
