// SPDX-License-Identifier: GPL-2.0-only
/*
 * The calls that the client's fuzzer makes, with arguments from the input, and
 * what it does with the results: read all of them.
 */
#include "client.h"

#define ASSERT(condition)	KERNEL_ASSERT(condition)

/* So many that a list of addresses takes several messages */
#define MAX_SGL		3000
#define IPA_END		(1ull << 44)
#define NR_HANDLES	4

static struct gunyah_rm_mem_acl acl[GUNYAH_RM_MAX_ACL + 2];
static struct gunyah_rm_mem_attr attrs[GUNYAH_RM_MAX_ACL + 2];
static struct gunyah_rm_range sgl[MAX_SGL];
static u16 vmids[GUNYAH_RM_MAX_ACL + 2];

static u16 take_vmid(void)
{
	u8 byte = in_take(1);

	/* Few of them, so that calls meet */
	return byte < 0xf0 ? 0x80 + byte % 4 : in_take(2);
}

static u32 take_handle(void)
{
	u8 byte = in_take(1);

	return byte < 0xf0 ? byte % NR_HANDLES : in_take(4);
}

/* Mostly what a count can be, at times too much */
static size_t take_nr(size_t max)
{
	u8 byte = in_take(1);

	return byte < 0xf0 ? byte % 5 : min_t(size_t, max, in_take(2));
}

static u64 take_address(void)
{
	u8 byte = in_take(1);

	return byte < 0xf0 ? (u64)byte << 12 : in_take(8);
}

static struct gunyah_rm_range take_range(void)
{
	struct gunyah_rm_range range;

	range.base = take_address();
	range.size = take_address();

	return range;
}

static struct gunyah_rm_mem_desc take_desc(void)
{
	struct gunyah_rm_mem_desc desc = { .acl = acl, .attrs = attrs, .sgl = sgl };
	struct gunyah_rm_range range;
	u8 rights, cache, twice;
	size_t i;

	desc.type = in_take(1) % 3;
	desc.label = in_take(1);
	desc.nr_acl = take_nr(ARRAY_SIZE(acl));
	desc.nr_attrs = take_nr(ARRAY_SIZE(attrs));
	desc.nr_sgl = take_nr(ARRAY_SIZE(sgl));
	rights = in_take(1);
	cache = in_take(1);
	twice = in_take(1);
	range = take_range();

	for (i = 0; i < desc.nr_acl; i++) {
		acl[i].vmid = twice & 1 ? 0 : i;
		acl[i].rights = rights & 7;
	}
	for (i = 0; i < desc.nr_attrs; i++) {
		attrs[i].vmid = twice & 2 ? 0 : i;
		attrs[i].cache = cache % 5;
	}
	for (i = 0; i < desc.nr_sgl; i++) {
		sgl[i].base = range.base + i * range.size;
		sgl[i].size = range.size;
	}

	return desc;
}

static void call_alloc(struct gunyah_rm *rm)
{
	unsigned int how = in_take(1);
	int vmid = gunyah_rm_alloc_vmid(rm, how & 1 ? take_vmid() : 0);

	ASSERT(vmid && vmid <= U16_MAX);
	if (vmid > 0 && how & 2)
		gunyah_rm_abandon_vmid(rm, vmid);
}

static void call_dealloc(struct gunyah_rm *rm)
{
	gunyah_rm_dealloc_vmid(rm, take_vmid());
}

static void call_get_vmid(struct gunyah_rm *rm)
{
	u16 vmid;

	if (!gunyah_rm_get_vmid(rm, &vmid))
		touch(&vmid, sizeof(vmid));
	if (!gunyah_rm_get_owner(rm, &vmid))
		touch(&vmid, sizeof(vmid));
}

static void call_get_host_type(struct gunyah_rm *rm)
{
	u32 type;

	if (!gunyah_rm_get_host_type(rm, &type))
		touch(&type, sizeof(type));
}

static void call_get_state(struct gunyah_rm *rm)
{
	struct gunyah_rm_vm_status status;

	if (!gunyah_rm_get_state(rm, take_vmid(), &status))
		touch(&status, sizeof(status));
}

static void call_get_id(struct gunyah_rm *rm)
{
	struct gunyah_rm_vm_id id;

	if (gunyah_rm_get_id(rm, take_vmid(), &id))
		return;

	ASSERT(strnlen(id.uri, sizeof(id.uri)) <= GUNYAH_RM_MAX_NAME);
	ASSERT(strnlen(id.name, sizeof(id.name)) <= GUNYAH_RM_MAX_NAME);
	touch(&id, sizeof(id));
}

static void vmids_end(int ret, struct gunyah_rm_vmids *vms)
{
	if (ret) {
		ASSERT(!vms);
		return;
	}
	touch(vms, struct_size(vms, vmids, vms->nr));
	kvfree(vms);
}

static void call_lists(struct gunyah_rm *rm)
{
	u8 guid[GUNYAH_RM_GUID_SIZE] = {}, which = in_take(1) % 4;
	struct gunyah_rm_vmids *vms = NULL;
	char text[GUNYAH_RM_MAX_NAME + 9] = {};

	memset(text, 'x', in_take(1) % (sizeof(text) - 1));
	if (which == 0)
		vmids_end(gunyah_rm_get_peers(rm, &vms), vms);
	else if (which == 1)
		vmids_end(gunyah_rm_lookup_name(rm, text, &vms), vms);
	else if (which == 2)
		vmids_end(gunyah_rm_lookup_uri(rm, text, &vms), vms);
	else
		vmids_end(gunyah_rm_lookup_guid(rm, guid, &vms), vms);
}

static void call_resources(struct gunyah_rm *rm)
{
	struct gunyah_rm_resources *list = NULL;

	if (gunyah_rm_get_hyp_resources(rm, take_vmid(), &list)) {
		ASSERT(!list);
		return;
	}
	touch(list, struct_size(list, entries, list->nr));
	kvfree(list);
}

static void call_configure(struct gunyah_rm *rm)
{
	struct gunyah_rm_vm_config config;

	config.auth = in_take(1) % 4;
	config.handle = take_handle();
	config.image_offset = take_address();
	config.image_size = take_address();
	config.dt_offset = take_address();
	config.dt_size = take_address();
	gunyah_rm_vm_configure(rm, take_vmid(), &config);
}

static void call_auth(struct gunyah_rm *rm)
{
	static struct gunyah_rm_auth_param params[2000];
	u16 vmid = take_vmid();

	gunyah_rm_vm_auth_image(rm, vmid, params, take_nr(ARRAY_SIZE(params)));
}

static void call_life(struct gunyah_rm *rm)
{
	u16 vmid = take_vmid();
	u8 how;

	switch (in_take(1) % 4) {
	case 0:
		gunyah_rm_vm_init(rm, vmid);
		break;
	case 1:
		gunyah_rm_vm_start(rm, vmid);
		break;
	case 2:
		how = in_take(1);
		gunyah_rm_vm_stop(rm, vmid, how & 1, how >> 1 & 3, how >> 3 & 1);
		break;
	default:
		gunyah_rm_vm_reset(rm, vmid);
		break;
	}
}

static void call_set(struct gunyah_rm *rm)
{
	struct gunyah_rm_range range;
	u16 vmid = take_vmid();
	u32 handle;
	u8 which;
	u64 base;

	switch (in_take(1) % 5) {
	case 0:
		base = in_take(8);
		gunyah_rm_vm_set_time_base(rm, vmid, base, in_take(8));
		break;
	case 1:
		which = in_take(1);
		gunyah_rm_vm_set_boot_context(rm, vmid, which & 3, which >> 2, in_take(8));
		break;
	case 2:
		handle = take_handle();
		range = take_range();
		gunyah_rm_vm_set_firmware_mem(rm, vmid, handle, range.base, range.size);
		break;
	case 3:
		take_desc();
		gunyah_rm_vm_set_demand_paging(rm, vmid, sgl, take_nr(ARRAY_SIZE(sgl)));
		break;
	default:
		range = take_range();
		gunyah_rm_vm_set_address_layout(rm, vmid, in_take(1) % 3, &range);
		break;
	}
}

static void call_crash_msg(struct gunyah_rm *rm)
{
	struct gunyah_rm_crash_msg msg;

	if (gunyah_rm_vm_get_crash_msg(rm, take_vmid(), &msg))
		return;

	ASSERT(msg.size <= sizeof(msg.data));
	touch(msg.data, msg.size);
}

static void call_firmware(struct gunyah_rm *rm)
{
	u8 auth = in_take(1) % 4;
	u32 handle;

	if (auth == GUNYAH_RM_AUTH_NONE) {
		gunyah_rm_fw_milestone(rm);
		return;
	}
	handle = take_handle();
	gunyah_rm_fw_set_vm_firmware(rm, auth, handle, take_address());
}

static void call_self(struct gunyah_rm *rm)
{
	static u8 text[256];
	u8 what;

	switch (in_take(1) % 3) {
	case 0:
		what = in_take(1) % 9;
		gunyah_rm_set_status(rm, what, in_take(2));
		break;
	case 1:
		gunyah_rm_set_crash_msg(rm, text, in_take(1));
		break;
	default:
		what = in_take(1);
		gunyah_rm_exit(rm, what & 1, what >> 1 & 7);
		break;
	}
}

static void call_ipa(struct gunyah_rm *rm)
{
	struct gunyah_rm_ipa_request requests[GUNYAH_RM_MAX_IPA + 1];
	struct gunyah_rm_ipa_constraints constraints = { .generic = in_take(1) };
	struct gunyah_rm_range range = take_range();
	size_t nr = in_take(1) % (GUNYAH_RM_MAX_IPA + 2), i;
	u64 bases[GUNYAH_RM_MAX_IPA], align = take_address();

	if (in_take(1) & 1) {
		gunyah_rm_ipa_reserve(rm, &constraints, &range, nr);
		return;
	}

	for (i = 0; i < ARRAY_SIZE(requests); i++)
		requests[i] = (struct gunyah_rm_ipa_request){ range, range.size, align };
	if (!gunyah_rm_ipa_alloc(rm, &constraints, requests, nr, bases))
		touch(bases, nr * sizeof(bases[0]));
}

static void call_parcel(struct gunyah_rm *rm)
{
	struct gunyah_rm_parcel parcel = { .handle = GUNYAH_RM_NO_HANDLE };
	u8 how = in_take(1);
	int ret;

	parcel.desc = take_desc();
	parcel.sanitize = how & 0x80;
	if (how % 3 == 0)
		ret = gunyah_rm_mem_donate(rm, &parcel);
	else if (how % 3 == 1)
		ret = gunyah_rm_mem_lend(rm, &parcel);
	else
		ret = gunyah_rm_mem_share(rm, &parcel);

	ASSERT(ret || (parcel.handle != GUNYAH_RM_NO_HANDLE && !parcel.unsure));
}

static void call_handle(struct gunyah_rm *rm)
{
	u8 how = in_take(1);
	int ret;

	if (how & 4) {
		ret = gunyah_rm_mem_settle(rm, in_take(1));
		ASSERT(!ret || ret == -EAGAIN || ret == -EBUSY || ret == -EINPROGRESS ||
		       ret == -EINVAL);
		return;
	}

	if (how & 1)
		gunyah_rm_mem_reclaim(rm, take_handle(), how & 2);
	else
		gunyah_rm_mem_release(rm, take_handle(), how & 2);
}

static void call_accept(struct gunyah_rm *rm)
{
	struct gunyah_rm_mem_map *map = NULL;
	struct gunyah_rm_mem_accept accept;
	u32 i;

	accept.handle = take_handle();
	accept.trans = in_take(1) % 4;
	accept.flags = in_take(1);
	accept.desc = take_desc();
	if (gunyah_rm_mem_accept(rm, &accept, &map)) {
		ASSERT(!map);
		return;
	}

	ASSERT(!map == !!accept.desc.nr_sgl);
	for (i = 0; map && i < map->nr; i++) {
		const struct gunyah_rm_range *range = &map->entries[i];

		ASSERT(range->size && range->base < IPA_END &&
		       range->size <= IPA_END - range->base);
	}
	kvfree(map);
}

static void call_mem_notify(struct gunyah_rm *rm)
{
	struct gunyah_rm_mem_notify notify = { .vmids = vmids };

	notify.handle = take_handle();
	notify.event = 1 << in_take(1) % 5;
	notify.tag = in_take(4);
	notify.nr_vmids = take_nr(ARRAY_SIZE(vmids));
	gunyah_rm_mem_notify(rm, &notify, in_take(1) & 1);
}

static void call_lookup_sgl(struct gunyah_rm *rm)
{
	struct gunyah_rm_mem_desc desc = take_desc();
	u32 handle = GUNYAH_RM_NO_HANDLE;

	if (!gunyah_rm_mem_qcom_lookup_sgl(rm, &desc, &handle))
		ASSERT(handle != GUNYAH_RM_NO_HANDLE);
}

static void call_irq(struct gunyah_rm *rm)
{
	u32 handle = take_handle(), wanted = take_handle(), virq;
	u16 vmid = take_vmid();
	u8 what;

	switch (in_take(1) % 5) {
	case 0:
		if (!gunyah_rm_irq_lend(rm, vmid, handle, 0, &virq))
			touch(&virq, sizeof(virq));
		break;
	case 1:
		if (!gunyah_rm_irq_accept(rm, handle, wanted, &virq))
			ASSERT(virq == wanted || wanted == GUNYAH_RM_VIRQ_ANY);
		break;
	case 2:
		gunyah_rm_irq_release(rm, handle);
		break;
	case 3:
		gunyah_rm_irq_reclaim(rm, handle);
		break;
	default:
		what = in_take(1);
		gunyah_rm_irq_notify(rm, handle, 1 << (what & 3), wanted ? vmid : 0,
				     what >> 2 & 1);
		break;
	}
}

static void call_console(struct gunyah_rm *rm)
{
	static u8 text[GUNYAH_RM_MAX_CONSOLE + 1];
	u16 vmid = take_vmid();

	switch (in_take(1) % 4) {
	case 0:
		gunyah_rm_console_open(rm, vmid);
		break;
	case 1:
		gunyah_rm_console_close(rm, vmid);
		break;
	case 2:
		gunyah_rm_console_write(rm, vmid, text, min_t(size_t, sizeof(text), in_take(2)));
		break;
	default:
		gunyah_rm_console_flush(rm, vmid);
		break;
	}
}

static void call_names(struct gunyah_rm *rm)
{
	u32 id = in_take(1) & 1 ? RM_VM_START : in_take(4);
	const char *name = gunyah_rm_msg_name(id);

	touch(name, strlen(name));
	name = gunyah_rm_status_name(in_take(1));
	touch(name, strlen(name));
	name = gunyah_rm_drop_name(id);
	touch(name, strlen(name));
}

static void (* const calls[])(struct gunyah_rm *rm) = {
	call_alloc, call_dealloc, call_get_vmid, call_get_host_type, call_get_state,
	call_get_id, call_lists, call_resources, call_configure, call_auth, call_life,
	call_set, call_crash_msg, call_firmware, call_self, call_ipa, call_parcel,
	call_handle, call_accept, call_mem_notify, call_lookup_sgl, call_irq, call_console,
	call_names,
};

void client_call(struct gunyah_rm *rm)
{
	calls[in_take(1) % ARRAY_SIZE(calls)](rm);
}

static void mem_shared(const struct gunyah_rm_notification *n)
{
	struct gunyah_rm_mem_offer *offer = NULL;

	if (gunyah_rm_mem_offer(n, &offer)) {
		ASSERT(!offer);
		return;
	}
	touch(offer->acl, offer->shared.nr_acl * sizeof(*offer->acl));
	touch(offer->sizes, offer->shared.nr_sizes * sizeof(*offer->sizes));
	touch(offer->attrs, offer->shared.nr_attrs * sizeof(*offer->attrs));
	kvfree(offer);
}

void client_notification(struct gunyah_rm *rm, const struct gunyah_rm_notification *n)
{
	const void *chars;
	size_t size;

	touch(n, sizeof(*n));
	switch (n->id) {
	case GUNYAH_RM_NOTIF_VM_EXITED:
		touch(n->exit.reason, n->exit.reason_size);
		break;
	case GUNYAH_RM_NOTIF_CONSOLE_CHARS:
		chars = gunyah_rm_console_chars(n, &size);
		ASSERT(chars);
		touch(chars, size);
		break;
	case GUNYAH_RM_NOTIF_MEM_SHARED:
		mem_shared(n);
		break;
	default:
		break;
	}
}
