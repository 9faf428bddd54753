"""Filling in a chat room's configuration with slixmpp."""


async def configure(owner, room, **fields):
    form = await owner.rooms.get_room_config(room)
    values = form.get_values()
    form['type'] = 'submit'
    for name, value in fields.items():
        values['muc#roomconfig_' + name] = value
    form.set_values(values)
    await owner.rooms.set_room_config(room, form)
