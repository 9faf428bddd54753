namespace Parley.Plugins.FocusAgent.Reservations;

/// <summary>Names of the wire for reservations.</summary>
public static class ReservationNames
{
    /// <summary>Our own elements: <c>reservation</c>, <c>release</c> and <c>reservations</c> (docs/legs/web.md).</summary>
    public const string Namespace = "urn:parley:reservations:0";

    /// <summary>Ad-hoc commands (XEP-0050).</summary>
    public const string Commands = "http://jabber.org/protocol/commands";

    /// <summary>Data forms (XEP-0004).</summary>
    public const string Forms = "jabber:x:data";

    /// <summary>The command that reserves a room.</summary>
    public const string Reserve = "urn:parley:reservations:0#reserve";

    /// <summary>The command that ends a reservation.</summary>
    public const string Release = "urn:parley:reservations:0#release";

    /// <summary>The command that lists one's own.</summary>
    public const string List = "urn:parley:reservations:0#list";
}
