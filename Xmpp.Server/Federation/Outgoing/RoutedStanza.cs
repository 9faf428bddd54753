using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Federation.Outgoing;

/// <summary>A stanza on its way to another server.</summary>
/// <param name="stanza">The stanza.</param>
/// <param name="until">Until when it waits for the server, as a timestamp.</param>
/// <param name="written">Called once the kernel has it.</param>
internal sealed class RoutedStanza(Stanza stanza, long until, Action<RoutedStanza> written) : Delivery
{
    /// <summary>Ends of streams by its own fault, as it seems, that a stanza survives.</summary>
    public const int MostFaults = 2;

    public Stanza Stanza { get; } = stanza;

    public int Bytes { get; } = stanza.Element.ToUtf8().Length;

    public long Until { get; } = until;

    /// <summary>How many streams the other server ended with an error while this one was on its way.</summary>
    public int Faults { get; set; }

    public override void Arrived() => written(this);

    public override Stanza? Lost(Stanza stanza) => null; // the route keeps it
}
