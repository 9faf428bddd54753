using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Components;

/// <summary>Brings a component's stream to where stanzas may pass. Sans-IO: events of the parser in, elements to the sink and a step to do out.</summary>
internal interface IComponentNegotiation
{
    /// <summary>Whether it has shown that it is a component.</summary>
    bool IsAuthenticated { get; }

    /// <summary>Takes the header.</summary>
    ComponentStep Open(StreamHeader header);

    /// <summary>Takes an element, while it is not authenticated.</summary>
    ComponentStep Receive(Element element);
}
