namespace Parley.Xmpp.Server.Federation.Resolution;

/// <summary>An SRV record (RFC 2782).</summary>
/// <param name="Priority">Lower is tried first.</param>
/// <param name="Weight">Among equals, how often this one comes first.</param>
/// <param name="Host">The target.</param>
/// <param name="Port">Its port.</param>
/// <param name="IsTls">Whether TLS begins with the first byte (XEP-0368).</param>
internal sealed record SrvTarget(int Priority, int Weight, string Host, int Port, bool IsTls);

/// <summary>The order in which targets are tried.</summary>
internal static class SrvOrder
{
    /// <summary>By priority, then drawn by weight (RFC 2782); records of both services are mixed (XEP-0368 section 2).</summary>
    /// <param name="targets">The records.</param>
    /// <param name="draw">A number from 0 up to, and not including, its argument.</param>
    public static IReadOnlyList<SrvTarget> Of(IEnumerable<SrvTarget> targets, Func<int, int> draw)
    {
        var ordered = new List<SrvTarget>();
        foreach (var group in targets.GroupBy(t => t.Priority).OrderBy(g => g.Key))
        {
            // Those of weight 0 first, so that they have a small chance of their own.
            var left = group.OrderBy(t => t.Weight > 0).ToList();
            while (left.Count > 0)
            {
                var at = draw(left.Sum(t => t.Weight) + 1);
                var chosen = left[0];
                foreach (var one in left)
                {
                    chosen = one;
                    at -= one.Weight;
                    if (at <= 0) break;
                }

                left.Remove(chosen);
                ordered.Add(chosen);
            }
        }

        return ordered;
    }
}
