using System.Text;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>Reads elements from text, with <c>jabber:client</c> as default namespace. Not sealed, as they come from a stream.</summary>
internal static class TestXml
{
    public static Element Read(string xml) => StoredXml.Read(Encoding.UTF8.GetBytes(xml)).Copy();
}
