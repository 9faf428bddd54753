using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PrivateXml;

[assembly: XmppPlugin(typeof(PrivateXmlPlugin))]

namespace Parley.Plugins.PrivateXml;

/// <summary>Keeps private documents for each account (XEP-0049), and bookmarks the same in all the places where clients keep them (XEP-0048, XEP-0402).</summary>
public sealed class PrivateXmlPlugin : IXmppPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<DocumentStore>().AddSingleton<BookmarkSync>();
        plugin
            .AddFeature(PrivateXml.Namespace)
            .AddOptions<PrivateXmlOptions>(validate: PrivateXmlOptions.Validate)
            .AddTables(DocumentStore.Schema)
            .OnIqGet<PrivateXmlGetHandler>(PrivateXml.Namespace, "query", IqTarget.Account)
            .OnIqSet<PrivateXmlSetHandler>(PrivateXml.Namespace, "query", IqTarget.Account)
            .Contribute<IPersonalEventObserver, BookmarkSync>()
            .Contribute<IAccountDiscovery, BookmarkDiscovery>()
            .Contribute<IPortableData, PortableDocuments>();
    }
}
