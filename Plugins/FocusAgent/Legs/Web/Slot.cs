using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Negotiation;

namespace Parley.Plugins.FocusAgent.Legs.Web;

/// <summary>How far a slot has come.</summary>
public enum SlotState
{
    /// <summary>To be offered.</summary>
    New,
    /// <summary>Offered by content-add, not answered yet.</summary>
    Offered,
    /// <summary>Accepted: it can be fed.</summary>
    Open,
    /// <summary>Refused by the page, for good.</summary>
    Refused,
}

/// <summary>A place through which a page receives one stream at a time (docs/legs/web.md). Name and SSRC are for life.</summary>
/// <param name="kind">Audio or video.</param>
/// <param name="index">Its number among those of its kind.</param>
/// <param name="terms">What may be sent, until the page's answer narrows it.</param>
public sealed class Slot(MediaKind kind, int index, MediaTerms terms)
{
    /// <summary>Audio or video.</summary>
    public MediaKind Kind { get; } = kind;

    /// <summary>Its number among those of its kind.</summary>
    public int Index { get; } = index;

    /// <summary>The content's name, and the mid: <c>a0</c>, <c>v3</c>.</summary>
    public string Name { get; } = (kind == MediaKind.Audio ? "a" : "v") + index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What may be sent.</summary>
    public MediaTerms Terms { get; set; } = terms;

    /// <summary>Its SSRC.</summary>
    public required uint Ssrc { get; init; }

    /// <summary>The SSRC of retransmissions; null without RTX.</summary>
    public required uint? RtxSsrc { get; init; }

    /// <summary>The CNAME, shared with the slot of the other kind and the same number, which serves the same person: receivers synchronise by that.</summary>
    public required string Cname { get; init; }

    /// <summary>How far it has come.</summary>
    public SlotState State { get; set; }

    /// <summary>Whom it serves; null while free.</summary>
    public Participant? Holder { get; set; }
}
