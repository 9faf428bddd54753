namespace Parley.Xmpp.Core.Addressing;

/// <summary>
/// Addresses that were read of late, by their text: who talks sends the same ones again and again, and each is taken apart, prepared and hashed once. Bounded, and lossy: an
/// address that falls into another's place drives it out, and is read anew when it is needed.
/// </summary>
internal static class RecentJids
{
    private const int Slots = 4096;

    // A longer one is rare, and not worth its memory.
    private const int Longest = 128;

    private static readonly Jid?[] Table = new Jid?[Slots];

    /// <summary>The address of this text, if it was kept.</summary>
    public static Jid? Find(string text)
    {
        if (text.Length > Longest) return null;
        var known = Volatile.Read(ref Table[Slot(text)]);
        return known is not null && known.ToString() == text ? known : null;
    }

    /// <summary>Keeps an address by its own text.</summary>
    public static void Keep(Jid jid)
    {
        var text = jid.ToString();
        if (text.Length <= Longest) Volatile.Write(ref Table[Slot(text)], jid);
    }

    // Seeded at random, so that nobody can choose addresses that drive out one another's.
    private static int Slot(string text) => text.GetHashCode(StringComparison.Ordinal) & (Slots - 1);
}
