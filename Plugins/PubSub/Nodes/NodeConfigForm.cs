using Parley.Xmpp.Core.Forms;

namespace Parley.Plugins.PubSub.Nodes;

/// <summary>A node's configuration as a form (XEP-0060 sections 8.2 and 16.4.4), and as preconditions of publishing (section 7.1.5).</summary>
internal sealed class NodeConfigForm
{
    private const string AccessField = "pubsub#access_model";
    private const string SendLastField = "pubsub#send_last_published_item";

    private static readonly IReadOnlyList<ConfigField> All =
    [
        ConfigField.Text("pubsub#title", "A name for people", c => c.Title, (c, v) => c with { Title = v }),
        ConfigField.Text("pubsub#description", "What it is about", c => c.Description, (c, v) => c with { Description = v }),
        ConfigField.Text("pubsub#language", "The language of its items", c => c.Language, (c, v) => c with { Language = v }),
        ConfigField.Text("pubsub#type", "The namespace of its payloads", c => c.Type, (c, v) => c with { Type = v }),
        ConfigField.Choice(AccessField, "Who may subscribe and read", c => c.Access, (c, v) => c with { Access = v }),
        ConfigField.Groups("pubsub#roster_groups_allowed", "The roster groups that the model roster lets in", c => c.RosterGroups, (c, v) => c with { RosterGroups = v }),
        ConfigField.Choice("pubsub#publish_model", "Who may publish", c => c.PublishModel, (c, v) => c with { PublishModel = v }),
        ConfigField.Flag("pubsub#persist_items", "Whether items are kept", c => c.PersistItems, (c, v) => c with { PersistItems = v }),
        ConfigField.Number("pubsub#max_items", "How many items are kept", true, c => c.MaxItems, (c, v) => c with { MaxItems = v }),
        ConfigField.Number("pubsub#item_expire", "Seconds after which an item is forgotten", false, c => c.ItemExpire, (c, v) => c with { ItemExpire = v }),
        ConfigField.Choice(SendLastField, "When the last item is sent unasked", c => c.SendLast, (c, v) => c with { SendLast = v }),
        ConfigField.Flag("pubsub#deliver_notifications", "Whether events are sent", c => c.DeliverNotifications, (c, v) => c with { DeliverNotifications = v }),
        ConfigField.Flag("pubsub#deliver_payloads", "Whether events carry payloads", c => c.DeliverPayloads, (c, v) => c with { DeliverPayloads = v }),
        ConfigField.Flag("pubsub#notify_retract", "Whether subscribers hear of items that are deleted", c => c.NotifyRetract, (c, v) => c with { NotifyRetract = v }),
        ConfigField.Flag("pubsub#notify_delete", "Whether subscribers hear that the node is deleted", c => c.NotifyDelete, (c, v) => c with { NotifyDelete = v }),
        ConfigField.Flag("pubsub#notify_config", "Whether subscribers hear of another configuration", c => c.NotifyConfig, (c, v) => c with { NotifyConfig = v }),
        ConfigField.Flag("pubsub#notify_sub", "Whether owners hear of subscriptions", c => c.NotifySub, (c, v) => c with { NotifySub = v }),
        ConfigField.Flag("pubsub#purge_offline", "Whether items go when the publisher goes offline", c => c.PurgeOffline, (c, v) => c with { PurgeOffline = v }),
        ConfigField.Choice("pubsub#itemreply", "Whose address an item carries", c => c.ItemReply, (c, v) => c with { ItemReply = v }),
        ConfigField.Choice("pubsub#notification_type", "The type of messages with events", c => c.NotificationType, (c, v) => c with { NotificationType = v }),
    ];

    private readonly IReadOnlyList<ConfigField> _fields;
    private readonly Dictionary<string, ConfigField> _byName;

    private NodeConfigForm(IReadOnlyList<ConfigField> fields) => (_fields, _byName) = (fields, fields.ToDictionary(f => f.Name, StringComparer.Ordinal));

    /// <summary>At accounts.</summary>
    public static NodeConfigForm Personal { get; } = new(All);

    /// <summary>At components, which have neither a roster nor anybody's presence.</summary>
    public static NodeConfigForm Shared { get; } = new([.. All.Where(f => f.Name is not ("pubsub#roster_groups_allowed" or "pubsub#purge_offline")).Select(f => f.Name switch
    {
        AccessField => ConfigField.Choice(f.Name, f.Label, c => c.Access, (c, v) => c with { Access = v }, AccessModel.Open, AccessModel.Whitelist, AccessModel.Authorize),
        SendLastField => ConfigField.Choice(f.Name, f.Label, c => c.SendLast, (c, v) => c with { SendLast = v }, SendLast.Never, SendLast.OnSub),
        _ => f,
    })]);

    /// <summary>The form to fill in, or (<paramref name="type"/> <c>result</c>) to read.</summary>
    public DataForm Write(NodeConfig config, string type = "form")
    {
        var form = new DataForm(type, PubSubNames.NodeConfig);
        foreach (var field in _fields) form.Add(field.ToField(config));
        return form;
    }

    /// <summary>A configuration with what a submitted form says; null if it cannot be. Fields that it does not name stay; of those that are not known here none can be meant.</summary>
    /// <param name="config">What there is.</param>
    /// <param name="form">The form.</param>
    /// <param name="most">The most items that the service keeps of a node.</param>
    public NodeConfig? Apply(NodeConfig config, DataForm form, int most) => form.FormType is PubSubNames.NodeConfig or null ? ApplyFields(config, form, most, isStrict: false) : null;

    /// <summary>The configuration that a new node gets by preconditions; null if it cannot be so.</summary>
    public NodeConfig? ApplyPreconditions(NodeConfig config, DataForm options, int most) => options.FormType == PubSubNames.PublishOptions ? ApplyFields(config, options, most, isStrict: true) : null;

    /// <summary>Whether a node is as preconditions demand.</summary>
    public bool Meets(NodeConfig config, DataForm options, int most)
    {
        if (options.FormType != PubSubNames.PublishOptions) return false;
        foreach (var asked in options.Fields)
        {
            if (asked.Name == "FORM_TYPE") continue;
            if (!_byName.TryGetValue(asked.Name, out var field) || field.Write(config, asked.Values, most) is not { } wanted) return false;
            if (!field.Read(wanted).SequenceEqual(field.Read(config), StringComparer.Ordinal)) return false;
        }

        return true;
    }

    private NodeConfig? ApplyFields(NodeConfig config, DataForm form, int most, bool isStrict)
    {
        var changed = config;
        foreach (var asked in form.Fields)
        {
            if (asked.Name == "FORM_TYPE") continue;
            if (!_byName.TryGetValue(asked.Name, out var field))
            {
                if (isStrict) return null;
                continue;
            }

            if (field.Write(changed, asked.Values, most) is not { } next) return null;
            changed = next;
        }

        return changed;
    }
}
